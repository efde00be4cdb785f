export const BASE = '/console';

/** The address of a page, e.g. `href('functions', name)`; each part is escaped. */
export function href(...parts: readonly string[]): string {
  return `${BASE}/${parts
    .filter((part) => part !== '')
    .map(encodeURIComponent)
    .join('/')}`;
}

/** The first route that a path such as /console/functions/hello fits, with what its `:name` parts are; undefined where there is none. */
export function matchRoute<R extends { readonly path: string }>(
  routes: readonly R[],
  pathname: string,
): { readonly route: R; readonly params: Record<string, string> } | undefined {
  const parts = pathname.slice(BASE.length).split('/').filter(Boolean);
  for (const route of routes) {
    const pattern = route.path.split('/').filter(Boolean);
    if (pattern.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = pattern.every((piece, index) => {
      const part = parts[index] ?? '';
      if (!piece.startsWith(':')) return piece === part;
      params[piece.slice(1)] = unescaped(part);
      return true;
    });
    if (fits) return { route, params };
  }
  return undefined;
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
