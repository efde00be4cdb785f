import type { ComponentType } from 'preact';
import type { Route } from './app/router';

/** What a page gets: the parts of its path that have names. */
export interface PageProps {
  readonly params: Record<string, string>;
}

export type Page = ComponentType<PageProps>;

/** Every page of the console, by its path below /console/; the first that matches is shown. Pages load when they are first shown. */
export const routes: readonly Route[] = [
  {
    path: '',
    title: 'Overview',
    page: () => import('./pages/overview/index'),
    nav: { label: 'Overview', order: 10, key: 'o' },
  },
  {
    path: 'events',
    title: 'Events',
    page: () => import('./pages/events/index'),
    nav: { label: 'Events', order: 80, key: 'e' },
  },
];
