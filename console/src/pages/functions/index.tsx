import { useMemo, useState } from 'preact/hooks';
import { href } from '../../app/router';
import type { ListedFunction, PageOf } from '../../lib/answers';
import { send } from '../../lib/api';
import { count, percent } from '../../lib/format';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { useSession } from '../../session/session';
import { Button } from '../../ui/button';
import { ConfirmDialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table, type Column } from '../../ui/table';
import { ChoiceField } from '../../ui/text-field';
import { functionRow, shownRows, SORTS, type FunctionRow, type Sort } from './function-rows';
import { Spark } from './spark';
import { StateBadge } from './state-badge';
import './functions.css';

const PATH = '/v1/functions?activity=true&limit=1000';
const EVERY_MS = 15_000;
/** After these the list is another. */
const CHANGES = [
  'deployment.succeeded',
  'deployment.failed',
  'function.deleted',
  'function.rolled-back',
  'alias.changed',
];
const SORT_LABELS: Readonly<Record<Sort, string>> = {
  name: 'Name',
  requests: 'Traffic, most first',
  coldShare: 'Cold share, highest first',
  running: 'Running instances, most first',
  errors: 'Errors, most first',
};

/** All functions of the tenant: what each serves, what came in the last hour, and what is held of it. */
export default function FunctionsPage() {
  return (
    <>
      <header class="head">
        <h1>Functions</h1>
        <a class="button main" href={href('deploy')}>
          Deploy a function
        </a>
      </header>
      <NeedsScope scope="read" to="see functions">
        <Functions />
      </NeedsScope>
    </>
  );
}

function Functions() {
  const query = useQuery<PageOf<ListedFunction>>(PATH, { everyMs: EVERY_MS });
  useEvents({ types: CHANGES }, query.reload);
  return <QueryView query={query}>{(page) => <FunctionList page={page} reload={query.reload} />}</QueryView>;
}

function FunctionList({ page, reload }: { page: PageOf<ListedFunction>; reload: () => void }) {
  const { can } = useSession();
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort>('name');
  const [leaving, setLeaving] = useState<string>();
  const all = useMemo(() => page.items.map(functionRow), [page]);
  const rows = shownRows(all, search, sort);
  return (
    <>
      <div class="filters">
        <Field label="Search" hint="name, label or state">
          {(control) => (
            <input
              {...control}
              type="search"
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          )}
        </Field>
        <ChoiceField
          label="Order"
          value={sort}
          options={SORTS.map((name) => [name, SORT_LABELS[name]])}
          onChoose={(name) => setSort(name as Sort)}
        />
      </div>
      <p class="hint" role="status">
        {rows.length} of {all.length} functions
        {page.next !== null && '; there are more than a page of 1,000: presage list shows all'}
      </p>
      <Table
        caption="Functions"
        columns={[
          ...COLUMNS,
          {
            label: 'Actions',
            value: ({ name }) => <DeleteButton allowed={can('deploy')} name={name} onPress={setLeaving} />,
          },
        ]}
        rows={rows}
        keyOf={({ name }) => name}
        empty={
          all.length === 0 ? (
            <p>
              There are no functions yet. <a href={href('deploy')}>Deploy one from here</a>, or:{' '}
              <code>presage init hello && presage deploy hello</code>
            </p>
          ) : (
            <p>No function is called so. Shorten the search.</p>
          )
        }
      />
      {leaving !== undefined && (
        <ConfirmDialog
          title={`Delete ${leaving}?`}
          confirm="Delete it"
          danger
          cli={`presage delete ${leaving}`}
          onConfirm={() => send('DELETE', `/v1/functions/${encodeURIComponent(leaving)}`).then(reload)}
          onClose={() => setLeaving(undefined)}
        >
          <p>Its routes go at once, its instances when they are idle; all its revisions and checkpoints go with it.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

const COLUMNS: readonly Column<FunctionRow>[] = [
  { label: 'Name', value: ({ name }) => <a href={href('functions', name)}>{name}</a> },
  { label: 'State', value: ({ state }) => <StateBadge state={state} /> },
  { label: 'Live revision', value: ({ revision }) => revision },
  {
    label: 'Requests, last hour',
    numeric: true,
    value: ({ minutes, requests }) => (
      <>
        <Spark values={minutes} /> {count(requests)}
      </>
    ),
  },
  { label: 'Errors', numeric: true, value: ({ errors }) => count(errors) },
  { label: 'Cold share', numeric: true, value: ({ coldShare }) => percent(coldShare) },
  { label: 'Running', numeric: true, value: ({ running }) => count(running) },
  { label: 'Frozen', numeric: true, value: ({ frozen }) => count(frozen) },
  { label: 'Checkpoints', numeric: true, value: ({ checkpoints }) => count(checkpoints) },
];

function DeleteButton(props: { allowed: boolean; name: string; onPress: (name: string) => void }) {
  const title = props.allowed ? `Delete ${props.name}` : 'It needs the scope deploy';
  return (
    <Button kind="danger" disabled={!props.allowed} title={title} onClick={() => props.onPress(props.name)}>
      Delete<span class="unseen"> {props.name}</span>
    </Button>
  );
}
