import { useEffect, useState } from 'preact/hooks';
import type { Page } from '../routes';

export interface Route {
  /** Below /console/; `:name` is a part of any text. */
  readonly path: string;
  readonly title: string;
  /** Loads the page's own chunk. */
  readonly page: () => Promise<{ readonly default: Page }>;
  /** Stands in the navigation, by `order`; `g` and then `key` goes there. */
  readonly nav?: { readonly label: string; readonly order: number; readonly key: string };
}

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

const BASE = '/console';

/** The address of a page, e.g. `href('functions', name)`; each part is escaped. */
export function href(...parts: readonly string[]): string {
  return `${BASE}/${parts
    .filter((part) => part !== '')
    .map(encodeURIComponent)
    .join('/')}`;
}

/** The route of a path such as /console/functions/hello; undefined where there is none. */
export function matchRoute(routes: readonly Route[], pathname: string): Match | undefined {
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

/** Goes to an address of the console without loading it anew. */
export function navigate(to: string, how: { replace?: boolean } = {}): void {
  history[how.replace ? 'replaceState' : 'pushState'](null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Path and query of where the console is. */
export function useLocation(): { pathname: string; search: string } {
  const here = () => ({ pathname: location.pathname, search: location.search });
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const moved = () => setPlace(here());
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  return place;
}

/** Plain clicks on links within the console become `navigate`; modified ones stay the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return; // prettier-ignore
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  navigate(link.pathname + link.search + link.hash);
}
