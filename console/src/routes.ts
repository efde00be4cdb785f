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
    path: 'functions',
    title: 'Functions',
    page: () => import('./pages/functions/index'),
    nav: { label: 'Functions', order: 20, key: 'f' },
  },
  { path: 'functions/:name', title: 'Function', page: () => import('./pages/function/index') },
  { path: 'deploy', title: 'Deploy', page: () => import('./pages/functions/deploy-page') },
  {
    path: 'invocations',
    title: 'Invocations',
    page: () => import('./pages/invocations/index'),
    nav: { label: 'Invocations', order: 22, key: 'i' },
  },
  { path: 'invocations/:id', title: 'Invocation', page: () => import('./pages/invocations/explanation-page') },
  {
    path: 'async',
    title: 'Asynchronous invocations',
    page: () => import('./pages/async/index'),
    nav: { label: 'Async', order: 24, key: 'a' },
  },
  { path: 'async/:id', title: 'Asynchronous invocation', page: () => import('./pages/async/detail-page') },
  {
    path: 'nodes',
    title: 'Nodes',
    page: () => import('./pages/nodes/index'),
    nav: { label: 'Nodes', order: 30, key: 'n' },
  },
  { path: 'nodes/plans', title: 'Plans of placement', page: () => import('./pages/nodes/plans') },
  { path: 'nodes/plans/:id', title: 'Plan of placement', page: () => import('./pages/nodes/plan') },
  {
    path: 'migrations',
    title: 'Migrations',
    page: () => import('./pages/migrations/index'),
    nav: { label: 'Migrations', order: 35, key: 'm' },
  },
  { path: 'migrations/:id', title: 'Migration', page: () => import('./pages/migrations/migration') },
  {
    path: 'workflows',
    title: 'Workflows',
    page: () => import('./pages/workflows/index'),
    nav: { label: 'Workflows', order: 37, key: 'w' },
  },
  {
    path: 'court',
    title: 'Replay court',
    page: () => import('./pages/court/index'),
    nav: { label: 'Court', order: 40, key: 'c' },
  },
  { path: 'court/:id', title: 'Case of the court', page: () => import('./pages/court/case') },
  {
    path: 'budgets',
    title: 'Budgets',
    page: () => import('./pages/budgets/index'),
    nav: { label: 'Budgets', order: 50, key: 'b' },
  },
  { path: 'budgets/:name', title: 'Budget', page: () => import('./pages/budgets/budget') },
  {
    path: 'cost',
    title: 'Cost',
    page: () => import('./pages/cost/index'),
    nav: { label: 'Cost', order: 55, key: 's' },
  },
  {
    path: 'events',
    title: 'Events',
    page: () => import('./pages/events/index'),
    nav: { label: 'Events', order: 80, key: 'e' },
  },
  {
    path: 'access',
    title: 'Access',
    page: () => import('./pages/access/index'),
    nav: { label: 'Access', order: 90, key: 'k' },
  },
];
