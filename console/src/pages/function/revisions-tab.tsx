import { useState } from 'preact/hooks';
import { href } from '../../app/router';
import type { PageOf, RevisionView } from '../../lib/answers';
import { send } from '../../lib/api';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useSession } from '../../session/session';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { Deployment } from '../functions/deployment-progress';
import type { DeploymentView } from '../../lib/answers';
import { StateBadge } from '../functions/state-badge';
import type { TabProps } from './index';
import { revisionBefore, sharesText } from './traffic-split';
import { TrafficEditor } from './traffic-editor';

/** Which revision live shall go to, and in what words. */
interface Move {
  readonly to: number;
  readonly back: boolean;
}

/** The revisions of a function, and how requests are parted among them. */
export function RevisionsTab({ fn, reload }: TabProps) {
  const base = `/v1/functions/${encodeURIComponent(fn.name)}`;
  const generation = fn.aliases.map(({ name, generation: of }) => `${name}${of}`).join();
  const revisions = useQuery<PageOf<RevisionView>>(`${base}/revisions?limit=200`, { everyMs: 10_000 });
  const running = useQuery<PageOf<DeploymentView>>(
    `/v1/deployments?function=${encodeURIComponent(fn.name)}&state=running&limit=5`,
    { everyMs: 3_000 },
  );
  const { can } = useSession();
  const [move, setMove] = useState<Move>();
  const live = fn.aliases.find(({ name }) => name === 'live');
  const changed = () => {
    reload();
    revisions.reload();
  };
  return (
    <div class="grid">
      {running.data?.items.map((deployment) => (
        <Deployment key={deployment.id} begin={deployment} />
      ))}
      <Card
        title="Revisions"
        wide
        actions={
          <a class="button" href={`${href('deploy')}?function=${fn.name}`}>
            Deploy a new one
          </a>
        }
      >
        <QueryView query={revisions}>
          {({ items }) => {
            const back = revisionBefore(items, live);
            return (
              <>
                <p class="actions">
                  <Button
                    disabled={back === null || !can('deploy')}
                    title={
                      !can('deploy')
                        ? 'It needs the scope deploy'
                        : back === null
                          ? 'There is no ready revision before the live one'
                          : undefined
                    }
                    onClick={() => back !== null && setMove({ to: back, back: true })}
                  >
                    Roll back{back !== null && ` to revision ${back}`}
                  </Button>
                </p>
                <Table
                  caption={`Revisions of ${fn.name}, newest first`}
                  columns={[
                    { label: 'Revision', numeric: true, value: ({ number }) => number },
                    { label: 'State', value: ({ state, error }) => <><StateBadge state={state} /> {error}</> }, // prettier-ignore
                    { label: 'Traffic', value: ({ number }) => sharesText(number, fn.aliases) },
                    { label: 'Made', value: ({ createdAt }) => time(createdAt) },
                    {
                      label: 'Digest',
                      value: ({ digest }) => <code>{digest.replace('sha256:', '').slice(0, 12)}</code>,
                    },
                    {
                      label: 'Actions',
                      value: ({ number, state }) => (
                        <Button
                          disabled={state !== 'ready' || !can('deploy') || isAll(live, number)}
                          title={
                            isAll(live, number)
                              ? 'It has all of live already'
                              : state === 'ready'
                                ? undefined
                                : `It is ${state}: only a ready revision can serve`
                          }
                          onClick={() => setMove({ to: number, back: false })}
                        >
                          Promote<span class="unseen"> revision {number}</span>
                        </Button>
                      ),
                    },
                  ]}
                  rows={items}
                  keyOf={({ id }) => id}
                  empty={
                    <p>
                      There is no revision. <a href={`${href('deploy')}?function=${fn.name}`}>Deploy one</a>
                    </p>
                  }
                />
                <h3>Traffic weights</h3>
                <NeedsScope scope="deploy" to="change traffic weights">
                  <TrafficEditor key={generation} fn={fn} revisions={items} changed={changed} />
                </NeedsScope>
              </>
            );
          }}
        </QueryView>
      </Card>
      {move && (
        <ConfirmDialog
          title={
            move.back ? `Roll ${fn.name} back to revision ${move.to}?` : `Promote revision ${move.to} of ${fn.name}?`
          }
          confirm={move.back ? 'Roll back' : 'Promote'}
          cli={move.back ? `presage rollback ${fn.name}` : `presage alias set ${fn.name} live ${move.to}`}
          onConfirm={() => moveLive(base, move).then(changed)}
          onClose={() => setMove(undefined)}
        >
          <p>From now on live sends every request to revision {move.to}. No request fails by it.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function moveLive(base: string, { to, back }: Move): Promise<unknown> {
  if (back) return send('POST', `${base}/rollback`, { to });
  return send('PUT', `${base}/aliases/live`, { weights: [{ revision: to, weight: 100 }] });
}

function isAll(
  live: { readonly weights: readonly { readonly revision: number; readonly weight: number }[] } | undefined,
  number: number,
): boolean {
  return live?.weights.some(({ revision, weight }) => revision === number && weight === 100) ?? false;
}
