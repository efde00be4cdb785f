import type { Manifest } from '../../../../core/function/manifest';
import { href } from '../../app/router';
import type { TriggerView } from '../../lib/answers';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useSession } from '../../session/session';
import { Badge } from '../../ui/badge';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import type { TabProps } from './index';
import { environment, limitSettings, placeSettings, type Setting } from './settings-view';

/** What the newest revision's manifest says. */
export function SettingsTab({ fn }: TabProps) {
  const { can } = useSession();
  const triggers = useQuery<{ items: readonly TriggerView[] }>(
    can('deploy') ? `/v1/functions/${encodeURIComponent(fn.name)}/triggers` : null,
  );
  if (!fn.latest) return <p class="empty">There is no revision, and so there are no settings.</p>;
  const manifest = fn.latest.manifest as Manifest;
  return (
    <div class="grid">
      <Card
        title="Limits"
        actions={<a href={`${href('deploy')}?function=${fn.name}`}>Change them by a new revision</a>}
      >
        <SettingTable caption="Limits" rows={limitSettings(manifest)} />
      </Card>
      <Card title="How and where it runs">
        <SettingTable caption="How and where it runs" rows={placeSettings(manifest)} />
      </Card>
      <Card title="Triggers">
        <NeedsScope scope="deploy" to="see triggers: who knows the URL of a webhook may call it">
          <QueryView query={triggers}>
            {({ items }) => (
              <Table
                caption={`Triggers of ${fn.name}`}
                columns={[
                  { label: 'Name', value: ({ name }) => name },
                  {
                    label: 'When',
                    value: ({ cron, timeZone, signed }) =>
                      cron === null
                        ? `when its URL is called${signed ? ', signed' : ''}`
                        : `${cron} (${timeZone ?? 'UTC'})`,
                  },
                  { label: 'Next', value: ({ nextAt }) => time(nextAt) },
                  { label: 'Path', value: ({ path }) => <code>{path}</code> },
                  { label: 'URL', value: ({ url }) => (url === null ? '–' : <code>{url}</code>) },
                ]}
                rows={items}
                keyOf={({ name }) => name}
                empty={
                  <p>
                    There are none. Name them in <code>spec.triggers</code> of the manifest and deploy.
                  </p>
                }
              />
            )}
          </QueryView>
        </NeedsScope>
      </Card>
      <Card title="Environment and secrets">
        <Table
          caption="Environment and secrets"
          columns={[
            { label: 'Variable', value: ({ name }) => <code>{name}</code> },
            { label: 'Value', value: ({ value, secret }) => (secret ? <Badge tone="info">{value}</Badge> : value) },
          ]}
          rows={environment(manifest)}
          keyOf={({ name }) => name}
          empty={
            <p>
              It has none of its own. Secrets are set on <a href={href('access')}>Access</a> and named in{' '}
              <code>spec.secrets</code>.
            </p>
          }
        />
      </Card>
      <Card title="The whole manifest" wide>
        <details>
          <summary>Revision {fn.latest.number}, with all defaults</summary>
          <pre class="answer" tabIndex={0} role="region" aria-label="Manifest">
            {JSON.stringify(manifest, null, 2)}
          </pre>
        </details>
      </Card>
    </div>
  );
}

function SettingTable(props: { caption: string; rows: readonly Setting[] }) {
  return (
    <Table
      caption={props.caption}
      columns={[
        { label: 'Setting', value: ({ name }) => name },
        { label: 'Value', value: ({ value }) => value },
        { label: 'In the manifest', value: ({ path }) => <code>{path}</code> },
      ]}
      rows={props.rows}
      keyOf={({ path }) => path}
      empty={<p>Nothing is set.</p>}
    />
  );
}
