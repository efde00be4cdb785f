import { useState } from 'preact/hooks';
import { href } from '../../app/router';
import type { WarmingView } from '../../lib/answers';
import { send } from '../../lib/api';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useOperator } from '../../session/use-operator';
import { Button } from '../../ui/button';
import { Figure, Figures } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TextField } from '../../ui/text-field';
import { StateBadge } from '../functions/state-badge';

const EVERY_MS = 15_000;

/** Which policy keeps functions warm, who challenges it, and how windows were judged. */
export function LivePolicy() {
  const operator = useOperator();
  const query = useQuery<WarmingView>('/v1/warming', { everyMs: EVERY_MS });
  const [switching, setSwitching] = useState(false);
  return (
    <QueryView query={query}>
      {(warming) => (
        <>
          <Figures>
            <Figure
              id="live"
              label="Live"
              value={warming.live}
              note={warming.probation > 0 ? `watched for ${warming.probation} more windows` : 'for all tenants'}
            />
            <Figure
              id="challenger"
              label="Challenger"
              value={warming.challenger ?? 'none'}
              note="takes over once it wins a window"
            />
            <Figure
              id="previous"
              label="Before"
              value={warming.previous ?? 'none'}
              note="comes back if a window goes against the live one"
            />
          </Figures>
          {warming.reverted.length > 0 && (
            <p class="hint">Lost a window, and win no more by themselves: {warming.reverted.join(', ')}.</p>
          )}
          {operator ? (
            <Button onClick={() => setSwitching(true)}>Switch</Button>
          ) : (
            <p class="hint">
              One policy serves all tenants: platform operators choose it, with admin keys of the tenant{' '}
              <code>default</code>.
            </p>
          )}
          <p class="hint">
            Waits and held memory are weighed by <code>warming.prices</code> of the platform’s configuration;{' '}
            <a href={href('cost')}>what things cost</a> comes from its price table. Neither is changed while it runs.
          </p>
          {operator && (
            <Table
              caption="Verdicts of the last windows"
              columns={[
                { label: 'At', value: (verdict) => time(verdict.at) },
                { label: 'Decision', value: (verdict) => <StateBadge state={verdict.decision} /> },
                { label: 'Because', value: (verdict) => verdict.reason },
              ]}
              rows={warming.verdicts}
              keyOf={(verdict) => `${verdict.at} ${verdict.workflowId}`}
              empty={<p>No window was judged yet: that is done each full hour.</p>}
            />
          )}
          {switching && <SwitchDialog warming={warming} onClose={() => setSwitching(false)} changed={query.reload} />}
        </>
      )}
    </QueryView>
  );
}

function SwitchDialog(props: { warming: WarmingView; onClose: () => void; changed: () => void }) {
  const { warming, onClose, changed } = props;
  const [live, setLive] = useState(warming.live);
  const [challenger, setChallenger] = useState(warming.challenger ?? '');
  const body = {
    ...(live.trim() === warming.live ? {} : { live: live.trim() }),
    ...(challenger.trim() === (warming.challenger ?? '') ? {} : { challenger: challenger.trim() === '' ? null : challenger.trim() }), // prettier-ignore
    ifGeneration: warming.generation,
  };
  return (
    <ConfirmDialog
      title="Switch the policy of warmth"
      confirm="Switch"
      cli={
        live.trim() === warming.live && challenger.trim() !== ''
          ? `presage warming challenge ${challenger.trim()}`
          : `presage warming use ${live.trim() || 'POLICY'}`
      }
      onConfirm={() => send('PUT', '/v1/warming', body).then(changed)}
      onClose={onClose}
    >
      <p>
        It decides from the next minute on, for all tenants. The one before is watched on and comes back if it had been
        cheaper.
      </p>
      <TextField
        label="Live"
        hint="presage, fixed:10m, hybrid-histogram:4h, greedy-dual, seed or none"
        value={live}
        onText={setLive}
      />
      <TextField label="Challenger" hint="runs in shadow; empty: none" value={challenger} onText={setChallenger} />
    </ConfirmDialog>
  );
}
