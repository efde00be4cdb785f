/** What is used of WebAssembly's interface: its types come with those of browsers, which do not belong here. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Memory: new (size: { initial: number }) => WasmMemory;
  readonly Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory } },
  ) => {
    readonly exports: Readonly<Record<string, (...values: number[]) => void>>;
  };
};

/** A compiled module. */
export type WasmModule = object;

interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

const PAGE_BYTES = 65_536;

export function compile(bytes: Uint8Array<ArrayBuffer>): WasmModule {
  return new WebAssembly.Module(bytes);
}

/** Arrays, of zeros at first, in one memory, and the functions of a module that work on it. @param lengths of the arrays */
export function arraysFor<Name extends string>(
  module: WasmModule,
  lengths: Readonly<Record<Name, number>>,
): {
  readonly arrays: Readonly<Record<Name, Float64Array>>;
  readonly functions: Readonly<Record<string, (...values: number[]) => void>>;
} {
  const named = Object.entries(lengths) as [Name, number][];
  const all = named.reduce((sum, [, length]) => sum + length, 0);
  const memory = new WebAssembly.Memory({ initial: Math.ceil((all * Float64Array.BYTES_PER_ELEMENT) / PAGE_BYTES) });
  let at = 0;
  const arrays = named.map(([name, length]) => {
    const array = new Float64Array(memory.buffer, at * Float64Array.BYTES_PER_ELEMENT, length);
    at += length;
    return [name, array] as const;
  });
  return {
    arrays: Object.fromEntries(arrays) as Record<Name, Float64Array>,
    functions: new WebAssembly.Instance(module, { env: { memory } }).exports,
  };
}
