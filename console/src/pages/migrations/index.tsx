import { useState } from 'preact/hooks';
import { MIGRATION_STATES } from '../../../../core/control/migration-state';
import { href } from '../../app/router';
import type { MigrationView, PageOf } from '../../lib/answers';
import { time } from '../../lib/format';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { ChoiceField } from '../../ui/text-field';
import { StateBadge } from '../functions/state-badge';
import { MigrateForm } from './migrate-form';

const EVERY_MS = 10_000;
const CHANGES = ['migration.started', 'migration.shifted', 'migration.completed', 'migration.rolled-back'];

/** Moves of functions between nodes: those so far, and a new one. */
export default function MigrationsPage() {
  return (
    <>
      <header class="actions">
        <h1>Migrations</h1>
        <a class="button" href={href('workflows')}>
          Workflows
        </a>
      </header>
      <NeedsScope scope="read" to="see migrations">
        <Migrations />
      </NeedsScope>
    </>
  );
}

function Migrations() {
  const [state, setState] = useState('');
  const query = useQuery<PageOf<MigrationView>>(`/v1/migrations?limit=100${state === '' ? '' : `&state=${state}`}`, {
    everyMs: EVERY_MS,
  });
  useEvents({ types: CHANGES }, query.reload);
  return (
    <div class="grid">
      <Card title="Migrations so far" wide>
        <ChoiceField
          label="State"
          value={state}
          options={[['', 'all'], ...MIGRATION_STATES.map((one) => [one, one.replaceAll('-', ' ')] as const)]}
          onChoose={setState}
        />
        <QueryView query={query}>
          {({ items, next }) => (
            <>
              <Table
                caption="Migrations, the newest first"
                columns={[
                  { label: 'Function', value: (row) => <a href={href('migrations', row.id)}>{row.function}</a> },
                  { label: 'From', value: (row) => row.from ?? '–' },
                  { label: 'To', value: (row) => row.to },
                  { label: 'State', value: (row) => <StateBadge state={row.state} /> },
                  { label: 'Step', value: (row) => row.phases.at(-1)?.step ?? '–' },
                  { label: 'Asked for by', value: (row) => row.reason },
                  { label: 'Began', value: (row) => time(row.createdAt) },
                ]}
                rows={items}
                keyOf={({ id }) => id}
                empty={
                  state === '' ? (
                    <p>
                      Nothing has moved yet. Move a function below, or: <code>presage migrate FUNCTION --to NODE</code>
                    </p>
                  ) : (
                    <p>None is in this state.</p>
                  )
                }
              />
              {next !== null && (
                <p class="hint">
                  Older ones: <code>presage migration ls --limit 1000</code>
                </p>
              )}
            </>
          )}
        </QueryView>
      </Card>
      <Card title="Move a function">
        <NeedsScope scope="deploy" to="move a function">
          <MigrateForm />
        </NeedsScope>
      </Card>
    </div>
  );
}
