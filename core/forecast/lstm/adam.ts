const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.999;
const TINY = 1e-8;

/** What an optimizer remembers between steps: running means of the gradient and of its squares, and how many steps it took. */
export interface AdamState {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly steps: number;
}

/** Adam (Kingma & Ba, 2015): steps against the gradient, each parameter at its own pace. */
export class Adam {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #steps = 0;

  /** @param size number of parameters @param largestNorm longer gradients are shortened to it, so that one odd batch does no harm */
  constructor(
    size: number,
    private readonly largestNorm = 1,
  ) {
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
  }

  /** One that goes on where another stood. */
  static from({ first, second, steps }: AdamState): Adam {
    const adam = new Adam(first.length);
    adam.#first.set(first);
    adam.#second.set(second);
    adam.#steps = steps;
    return adam;
  }

  /** What it remembers; copies. */
  state(): AdamState {
    return { first: this.#first.slice(), second: this.#second.slice(), steps: this.#steps };
  }

  /** Changes the parameters in place. A gradient that is no number is left out, and false returned. @param rate of learning */
  step(parameters: Float64Array, gradient: Float64Array, rate: number): boolean {
    let squares = 0;
    for (const slope of gradient) squares += slope * slope;
    if (!Number.isFinite(squares)) return false;
    const norm = Math.sqrt(squares);
    const scale = norm > this.largestNorm ? this.largestNorm / norm : 1;
    this.#steps++;
    const firstBias = 1 - FIRST_DECAY ** this.#steps;
    const secondBias = 1 - SECOND_DECAY ** this.#steps;
    for (let i = 0; i < parameters.length; i++) {
      const slope = (gradient[i] as number) * scale;
      const first = FIRST_DECAY * (this.#first[i] as number) + (1 - FIRST_DECAY) * slope;
      const second = SECOND_DECAY * (this.#second[i] as number) + (1 - SECOND_DECAY) * slope * slope;
      this.#first[i] = first;
      this.#second[i] = second;
      parameters[i] = (parameters[i] as number) - (rate * first) / firstBias / (Math.sqrt(second / secondBias) + TINY);
    }
    return true;
  }
}
