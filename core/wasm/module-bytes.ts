/** Values that a function takes or keeps. */
export type ValueType = 'i32' | 'f64' | 'v128';

const TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b };

/** One function of a module that works on the memory `env.memory`, which whoever instantiates it brings along. */
export interface ModuleFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  /** Numbered on behind the parameters. */
  readonly locals: readonly ValueType[];
  /** Instructions, without the `end` behind them. */
  readonly body: readonly number[];
}

/** The bytes of a WebAssembly module with functions that return nothing. */
export function moduleBytes(functions: readonly ModuleFunction[]): Uint8Array<ArrayBuffer> {
  const each = <T>(items: readonly T[], write: (item: T, index: number) => readonly number[]): number[] => [
    ...unsigned(items.length),
    ...items.flatMap(write),
  ];
  const typeOf = (type: ValueType): number[] => [TYPES[type]];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      each(functions, ({ parameters }) => [0x60, ...each(parameters, typeOf), 0]),
    ),
    ...section(2, [1, ...text('env'), ...text('memory'), 0x02, 0x00, 0x01]),
    ...section(
      3,
      each(functions, (_, index) => unsigned(index)),
    ),
    ...section(
      7,
      each(functions, ({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(10, each(functions, ({ locals, body }) => sized([...each(locals, (type) => [1, ...typeOf(type)]), ...body, 0x0b]))), // prettier-ignore
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  return sized([...new TextEncoder().encode(value)]);
}

/** A whole number, not negative, in as many bytes as it needs (LEB128). */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** A whole number of 32 bits in as many bytes as it needs (signed LEB128). */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest >= -64 && rest < 64) return [...bytes, rest & 0x7f];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
