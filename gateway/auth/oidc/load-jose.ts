const load = () => import('jose');

export type Jose = Awaited<ReturnType<typeof load>>;

let loading: Promise<Jose> | undefined;

/** The library is an ES module and this is CommonJS: it comes by a dynamic import, at the first token. */
export function loadJose(): Promise<Jose> {
  return (loading ??= load());
}
