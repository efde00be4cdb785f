import { useEffect, useState } from 'preact/hooks';
import type { Page } from '../routes';
import { BASE } from './paths';

export { href } from './paths';

export interface Route {
  /** Below /console/; `:name` is a part of any text. */
  readonly path: string;
  readonly title: string;
  /** Loads the page's own chunk. */
  readonly page: () => Promise<{ readonly default: Page }>;
  /** Stands in the navigation, by `order`; `g` and then `key` goes there. */
  readonly nav?: { readonly label: string; readonly order: number; readonly key: string };
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
