import { NodeHeartbeat } from '../../agent/node-heartbeat';
import type { NodeIntent } from '../../core/node/node-state';
import type { HeardBeat } from '../../drivers/store/node-store';
import { sampleBeat } from '../drivers/store/node-contract';
import { until } from './agent-harness';

let heartbeat: NodeHeartbeat;
afterEach(() => heartbeat.stop());

function begin(answers: (HeardBeat | Error)[]) {
  const seen = { followed: [] as NodeIntent[], events: [] as string[], warned: [] as string[], beats: 0 };
  heartbeat = new NodeHeartbeat({
    beat: sampleBeat({ name: 'edge-1' }),
    store: {
      beatNode: async () => {
        seen.beats++;
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (!answer || answer instanceof Error) throw answer ?? new Error('nothing was told');
        return answer;
      },
    },
    follow: (intent) => void seen.followed.push(intent),
    event: ({ type, node }) => void seen.events.push(`${type} ${node}`),
    log: {
      info: () => undefined,
      warn: (_fields: object, message: string) => void seen.warned.push(message),
      error: () => undefined,
    },
    everyMs: 1,
  });
  return seen;
}

test('tells of a node that is new or back, and follows what was decided', async () => {
  const seen = begin([
    { intent: 'ready', came: 'new' },
    { intent: 'drained', came: null },
    { intent: 'ready', came: 'back' },
    { intent: 'ready', came: null },
  ]);
  await until('four beats', () => seen.beats >= 4);
  expect(seen.followed.slice(0, 4)).toEqual(['ready', 'drained', 'ready', 'ready']);
  expect(seen.events).toEqual(['node.joined edge-1', 'node.returned edge-1']);
});

test('goes on while the store is away, and says so once', async () => {
  const away = new Error('away');
  const seen = begin([away, away, { intent: 'ready', came: null }]);
  await until('it is heard', () => seen.followed.length > 0);
  expect(seen.warned).toHaveLength(1);
});

test('a node that was taken out is told nothing any more', async () => {
  const seen = begin([{ intent: 'removed', came: null }]);
  await until('some beats', () => seen.beats > 3);
  expect([seen.followed, seen.warned.length]).toEqual([[], 1]);
});
