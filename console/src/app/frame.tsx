import { useEffect, useRef, useState } from 'preact/hooks';
import { connect, useConnection } from '../lib/live';
import { routes, type Page } from '../routes';
import { useSession } from '../session/session';
import { Button } from '../ui/button';
import { Loading } from '../ui/query-view';
import { href, matchRoute } from './paths';
import { navigate, useLocation, type Route } from './router';
import { Search } from './search';
import { ThemeToggle } from './theme-toggle';

/** Between two keys that belong together. */
const CHORD_MS = 1_000;

/** What surrounds every page: navigation, search, what is wrong with the connection, and the page itself. */
export function Frame() {
  const session = useSession();
  const { pathname } = useLocation();
  const match = matchRoute(routes, pathname);
  const [searching, setSearching] = useState(false);
  const main = useRef<HTMLElement>(null);
  const mayRead = session.can('read');
  useEffect(() => (mayRead ? connect() : undefined), [mayRead]);
  useEffect(() => {
    document.title = `${match?.route.title ?? 'Not found'} · Presage`;
  }, [match?.route.title, pathname]);
  useShortcuts(() => setSearching(true));
  return (
    <>
      <a class="skip" href="#main" onClick={() => main.current?.focus()}>
        To the content
      </a>
      <header class="bar">
        <a class="brand" href={href()}>
          Presage
        </a>
        <div class="actions">
          <Button onClick={() => setSearching(true)} title="Search: / or Ctrl-K">
            Search
          </Button>
          <ThemeToggle />
          <span class="who">{session.tenant}</span>
          <Button onClick={session.logOut}>Log out</Button>
        </div>
      </header>
      <Navigation current={match?.route} />
      <ConnectionBanner />
      <main id="main" ref={main} tabIndex={-1}>
        {match ? (
          <Shown key={match.route.path} route={match.route} params={match.params} />
        ) : (
          <NotFound path={pathname} />
        )}
      </main>
      {searching && <Search onClose={() => setSearching(false)} />}
    </>
  );
}

/** `/` and Ctrl-K search; `g` and then a page's letter goes to it. */
function useShortcuts(search: () => void): void {
  useEffect(() => {
    let leader = -Infinity;
    const onKey = (event: KeyboardEvent) => {
      const held = event.ctrlKey || event.metaKey || event.altKey;
      const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select, dialog *');
      const page = routes.find(({ nav }) => nav?.key === event.key);
      if (
        (event.key === '/' && !typing && !held) ||
        (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))
      ) {
        event.preventDefault();
        search();
      } else if (page && !typing && !held && event.timeStamp - leader < CHORD_MS) {
        navigate(href(...page.path.split('/')));
      }
      leader = event.key === 'g' && !typing && !held ? event.timeStamp : -Infinity;
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function Navigation(props: { current: Route | undefined }) {
  const shown = routes
    .flatMap((route) => (route.nav ? [{ route, nav: route.nav }] : []))
    .sort((a, b) => a.nav.order - b.nav.order);
  return (
    <nav aria-label="Pages">
      <ul>
        {shown.map(({ route, nav }) => (
          <li>
            <a href={href(...route.path.split('/'))} aria-current={route === props.current ? 'page' : undefined}>
              {nav.label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Loads a page's chunk the first time, and shows the page. */
function Shown(props: { route: Route; params: Record<string, string> }) {
  const { route, params } = props;
  const [loaded, setLoaded] = useState<Page>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    route.page().then(
      (module) => setLoaded(() => module.default),
      () => setFailed(true),
    );
  }, [route]);
  const PageOf = loaded;
  if (PageOf) return <PageOf params={params} />;
  if (!failed) return <Loading />;
  return (
    <div class="problem" role="alert">
      <p>
        <strong>The page could not be loaded.</strong> The gateway is away, or has another version since.
      </p>
      <Button onClick={() => location.reload()}>Load again</Button>
    </div>
  );
}

function NotFound(props: { path: string }) {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        Nothing is at <code>{props.path}</code>. <a href={href()}>To the overview</a>
      </p>
    </>
  );
}

function ConnectionBanner() {
  const state = useConnection();
  return (
    <div role="status" class="connection" data-connection={state}>
      {state === 'lost' && (
        <p>The connection to the gateway is lost; what you see may be old. It is tried again by itself.</p>
      )}
    </div>
  );
}
