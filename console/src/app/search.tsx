import { useId, useMemo, useState } from 'preact/hooks';
import { useQuery } from '../lib/use-query';
import { routes } from '../routes';
import { useSession } from '../session/session';
import { Dialog } from '../ui/dialog';
import { href, navigate } from './router';
import { found, type Target } from './search-targets';
import { toggleTheme } from './theme-toggle';

/** Finds pages, functions, nodes and actions by words; all by keyboard. */
export function Search(props: { onClose: () => void }) {
  const id = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const targets = useTargets();
  const shown = useMemo(() => found(targets, query), [targets, query]);
  const chosen = Math.min(at, shown.length - 1);
  const go = (target: Target | undefined) => {
    if (!target) return;
    props.onClose();
    target.go();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') go(shown[chosen]);
    else if (event.key === 'ArrowDown') setAt((chosen + 1) % Math.max(1, shown.length));
    else if (event.key === 'ArrowUp') setAt((chosen + shown.length - 1) % Math.max(1, shown.length));
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Search" onClose={props.onClose}>
      <input
        class="search"
        role="combobox"
        aria-label="Search functions, nodes, pages and actions"
        aria-expanded={shown.length > 0}
        aria-controls={shown.length > 0 ? `${id}-list` : undefined}
        aria-activedescendant={shown.length > 0 ? `${id}-${chosen}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      {shown.length > 0 && (
        <ul role="listbox" id={`${id}-list`} aria-label="Found" class="found">
          {shown.map((target, index) => (
            <li
              role="option"
              id={`${id}-${index}`}
              aria-selected={index === chosen}
              onClick={() => go(target)}
              onMouseMove={() => setAt(index)}
            >
              <span>{target.label}</span> <span class="hint">{target.hint}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="hint" role="status">
        {shown.length === 0 ? 'Nothing is called that.' : `${shown.length} found. Arrow keys choose, Enter goes there.`}
      </p>
    </Dialog>
  );
}

interface Named {
  readonly items: readonly { readonly name: string }[];
}

function useTargets(): readonly Target[] {
  const session = useSession();
  const may = session.can('read');
  const functions = useQuery<Named>(may ? '/v1/functions?limit=1000' : null).data;
  const nodes = useQuery<Named>(may ? '/v1/nodes?limit=1000' : null).data;
  return useMemo(() => {
    const pages = routes.flatMap(({ path, title, nav }): Target[] =>
      nav ? [{ kind: 'page', label: title, hint: 'page', go: () => navigate(href(...path.split('/'))) }] : [],
    );
    const fns = (functions?.items ?? []).map(({ name }): Target => ({
      kind: 'function',
      label: name,
      hint: 'function',
      go: () => navigate(href('functions', name)),
    }));
    const places = (nodes?.items ?? []).map(({ name }): Target => ({
      kind: 'node',
      label: name,
      hint: 'node',
      go: () => navigate(href('nodes')),
    }));
    const actions: Target[] = [
      { kind: 'action', label: 'Light or dark', hint: 'action', go: toggleTheme },
      { kind: 'action', label: 'Log out', hint: 'action', go: session.logOut },
    ];
    return [...pages, ...fns, ...places, ...actions];
  }, [functions, nodes, session]);
}
