import type { Instance } from '../instance/instance';

/** A gateway as far as parking goes. */
export interface Parker {
  /** Frozen instances that it may wake without asking. */
  readonly parked: Set<Instance>;
}

/**
 * Instances that sleep in a gateway's name. The gateway may send a request to one at any moment, together with the word
 * that it wants it: so nobody else may have it run before the gateway has said that it does not.
 */
export class ParkedLeases<Gateway extends Parker> {
  readonly #parkers = new Map<Instance, Gateway>();
  /** Who waits to hear of those that are being asked back. */
  readonly #recalls = new Map<Instance, (free: boolean) => void>();

  /**
   * @param ask sends Withdraw
   * @param freed an instance belongs to nobody any more, though nobody has asked
   */
  constructor(
    private readonly ask: (gateway: Gateway, instance: Instance) => void,
    private readonly freed: (instance: Instance) => void,
  ) {}

  parkerOf(instance: Instance): Gateway | undefined {
    return this.#parkers.get(instance);
  }

  add(gateway: Gateway, instance: Instance): void {
    this.#parkers.set(instance, gateway);
    gateway.parked.add(instance);
    instance.parking = 'parked';
  }

  /** The gateway has it back, or it has ended: whoever wanted it meanwhile does without. */
  remove(instance: Instance): void {
    this.#forget(instance);
    this.#answer(instance, false);
  }

  /** The gateway has no claim to it any more. */
  free(instance: Instance): void {
    this.#forget(instance);
    if (!this.#answer(instance, true)) this.freed(instance);
  }

  /** The gateway cannot be asked: its instances sleep on until it is back, or is given up. */
  away(gateway: Gateway): void {
    for (const instance of gateway.parked) {
      instance.parking = 'away';
      this.#answer(instance, false);
    }
  }

  /** True: it is nobody's now, and the caller uses it in the same turn. False: it was woken, has ended, or cannot be had. */
  recall(instance: Instance): Promise<boolean> {
    const gateway = this.#parkers.get(instance);
    if (!gateway) return Promise.resolve(true);
    if (instance.parking !== 'parked') return Promise.resolve(false);
    instance.parking = 'recalled';
    this.ask(gateway, instance);
    return new Promise((resolve) => this.#recalls.set(instance, resolve));
  }

  #forget(instance: Instance): void {
    this.#parkers.get(instance)?.parked.delete(instance);
    this.#parkers.delete(instance);
    instance.parking = 'none';
  }

  #answer(instance: Instance, free: boolean): boolean {
    const resolve = this.#recalls.get(instance);
    this.#recalls.delete(instance);
    resolve?.(free);
    return resolve !== undefined;
  }
}
