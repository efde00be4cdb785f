import { useState } from 'preact/hooks';
import type { AuditView, PageOf } from '../../lib/answers';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Badge, type Tone } from '../../ui/badge';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { ChoiceField, TextField } from '../../ui/text-field';

const OUTCOMES: Readonly<Record<AuditView['outcome'], Tone>> = { allowed: 'good', refused: 'warn', failed: 'bad' };

/** Who changed what, and who tried to. */
export function AuditTab() {
  return (
    <NeedsScope scope="admin" to="see the audit log">
      <Audit />
    </NeedsScope>
  );
}

function Audit() {
  const [outcome, setOutcome] = useState('');
  const [resource, setResource] = useState('');
  const wanted = new URLSearchParams({ limit: '100' });
  if (outcome !== '') wanted.set('outcome', outcome);
  if (resource.trim() !== '') wanted.set('resource', resource.trim());
  const query = useQuery<PageOf<AuditView>>(`/v1/audit?${wanted.toString()}`, { everyMs: 10_000 });
  return (
    <Card title="Audit log">
      <div class="filters">
        <ChoiceField
          label="Outcome"
          value={outcome}
          options={[['', 'all'], ...Object.keys(OUTCOMES).map((each) => [each, each] as const)]}
          onChoose={setOutcome}
        />
        <TextField
          label="Resource"
          hint="the beginning of a path, e.g. /v1/secrets/"
          value={resource}
          onText={setResource}
        />
      </div>
      <QueryView query={query}>
        {({ items }) => (
          <Table
            caption="Changes, newest first"
            columns={[
              { label: 'At', value: ({ at }) => time(at) },
              { label: 'Who', value: ({ principal, address }) => <>{principal ?? 'unknown'}<br /><span class="hint">{address}</span></> }, // prettier-ignore
              { label: 'What', value: ({ action }) => action },
              { label: 'Resource', value: (row) => <code>{row.resource}</code> },
              {
                label: 'Outcome',
                value: (row) => <Badge tone={OUTCOMES[row.outcome]}>{`${row.outcome} ${row.status}`}</Badge>,
              },
              { label: 'Request', value: ({ requestId }) => <code>{requestId.slice(0, 13)}</code> },
            ]}
            rows={items}
            keyOf={({ id }) => id}
            empty={<p>No change fits. It fills with every deploy, key, secret, alias and limit that is changed.</p>}
          />
        )}
      </QueryView>
      <p class="hint">
        The same by command: <code>presage audit --since 24h</code>
      </p>
    </Card>
  );
}
