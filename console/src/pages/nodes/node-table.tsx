import { useState } from 'preact/hooks';
import type { NodeView } from '../../lib/answers';
import { send } from '../../lib/api';
import { ago, bytes, percent } from '../../lib/format';
import { Button } from '../../ui/button';
import { ConfirmDialog } from '../../ui/dialog';
import { Table, type Column } from '../../ui/table';
import { TextField } from '../../ui/text-field';
import { StateBadge } from '../functions/state-badge';
import type { MapModel, MapNode } from './map-model';
import { NODE_ACTIONS, nodeActions, type NodeAction } from './node-actions';

/** Nodes with what may be done with them. */
export function NodeTable(props: {
  model: MapModel;
  records: readonly NodeView[] | null;
  operator: boolean;
  changed: () => void;
}) {
  const { model, records, operator, changed } = props;
  const [asked, setAsked] = useState<{ action: NodeAction; node: string }>();
  const recordOf = (name: string) => records?.find((record) => record.name === name);
  const columns: Column<MapNode>[] = [
    { label: 'Node', value: ({ name }) => name },
    { label: 'Tier', value: ({ tier }) => tier },
    { label: 'Region', value: ({ region }) => region },
    {
      label: 'State',
      value: ({ name, state }) => {
        const reason = recordOf(name)?.reason;
        return (
          <>
            <StateBadge state={state} />
            {reason && <span class="hint"> {reason}</span>}
          </>
        );
      },
    },
    { label: 'Functions', numeric: true, value: ({ functions }) => functions.length },
  ];
  if (operator) {
    columns.push(
      { label: 'Memory in use', numeric: true, value: ({ load, memoryBytes }) => (load === null ? '–' : `${percent(load)} of ${bytes(memoryBytes)}`) }, // prettier-ignore
      { label: 'Cores', numeric: true, value: ({ cpuMillis }) => (cpuMillis === null ? '–' : cpuMillis / 1000) },
      { label: 'Places', numeric: true, value: ({ slots }) => slots ?? '–' },
      { label: 'Heard of', value: ({ name }) => ago(recordOf(name)?.lastSeenAt) },
      {
        label: 'Actions',
        value: ({ name, state }) => (
          <span class="actions">
            {nodeActions(state).map((action) => (
              <Button
                kind={NODE_ACTIONS[action].danger ? 'danger' : 'plain'}
                onClick={() => setAsked({ action, node: name })}
              >
                {NODE_ACTIONS[action].word}
                <span class="unseen"> {name}</span>
              </Button>
            ))}
          </span>
        ),
      },
    );
  }
  return (
    <>
      <Table
        caption="Nodes"
        columns={columns}
        rows={model.nodes}
        keyOf={({ name }) => name}
        empty={
          <p>
            There is no node. Start one with the platform:{' '}
            <code>npm start -- --nodes edge-1:edge,central-1:central</code>
          </p>
        }
      />
      {asked && <NodeDialog {...asked} onClose={() => setAsked(undefined)} changed={changed} />}
    </>
  );
}

function NodeDialog(props: { action: NodeAction; node: string; onClose: () => void; changed: () => void }) {
  const { action, node, onClose, changed } = props;
  const { word, danger, does, asksWhy } = NODE_ACTIONS[action];
  const [reason, setReason] = useState('');
  const path = `/v1/nodes/${encodeURIComponent(node)}`;
  const why = reason.trim() === '' ? {} : { reason: reason.trim() };
  const confirm = () =>
    (action === 'remove' ? send('DELETE', path) : send('POST', `${path}/${action}`, why)).then(changed);
  const verb = action === 'remove' ? 'rm' : action;
  return (
    <ConfirmDialog
      title={`${word} ${node}?`}
      confirm={`${word} it`}
      danger={danger}
      cli={`presage node ${verb} ${node}${asksWhy && reason.trim() !== '' ? ` --reason '${reason.trim()}'` : ''}`}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{does}</p>
      {asksWhy && <TextField label="Why" hint="for people; may stay empty" value={reason} onText={setReason} />}
    </ConfirmDialog>
  );
}
