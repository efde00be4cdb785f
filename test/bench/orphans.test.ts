import { orphansAmong, type Owned } from '../../bench/harness/orphans';
import { countRemains, type Remains } from '../../bench/harness/remains';

const places = { runDir: '/run/p/x' };
const mount = (point: string): string => `31 23 0:26 / ${point} rw - tmpfs t rw`;
/** Two of each: one of a living instance or its node, one of a dead one. */
const remains: Remains = {
  processes: [
    { pid: process.pid, text: 'node agent.js' },
    { pid: process.ppid, text: 'function 5:memory:/presage-aaaaaa/s1-dead' },
  ],
  cgroups: ['local/s1-live', 'local/s1-dead'],
  mounts: [mount('/run/p/x/local/images'), mount('/run/p/x/local/i/dead/tmp')],
  networks: ['presage-aaaaaa-e0'],
  sockets: ['/run/p/x/agent-local.sock', '/run/p/x/local/i/live/fn/http.sock', '/run/p/x/local/i/dead/fn/http.sock'],
  instanceFolders: ['local/live', 'local/dead'],
  images: ['local/ck-1', 'local/ck-1.json', 'local/ck-0'],
};
const owned: Owned = {
  supervised: new Set([process.pid]),
  instances: new Set(['live']),
  checkpoints: new Set(['ck-1']),
  cgroups: new Set(['local/s1-live']),
  nodes: new Set(['local']),
};

test('what nobody answers for is an orphan', () => {
  expect(orphansAmong(remains, owned, places)).toEqual({
    processes: [remains.processes[1]],
    cgroups: ['local/s1-dead'],
    mounts: [mount('/run/p/x/local/i/dead/tmp')],
    networks: [],
    sockets: ['/run/p/x/local/i/dead/fn/http.sock'],
    instanceFolders: ['local/dead'],
    images: ['local/ck-0'],
  });
});

test('a process is an instance’s by its control group, or by descent', () => {
  const { processes } = orphansAmong(
    remains,
    { ...owned, supervised: new Set([process.ppid]), cgroups: new Set() },
    places,
  );
  expect(processes).toEqual([]);
  const byGroup = orphansAmong(
    remains,
    { ...owned, supervised: new Set([process.pid]), cgroups: new Set(['local/s1-dead']) },
    places,
  );
  expect(byGroup.processes).toEqual([]);
});

test('without an agent all of it is left over', () => {
  const nobody: Owned = {
    supervised: new Set(),
    instances: new Set(),
    checkpoints: new Set(),
    cgroups: new Set(),
    nodes: new Set(),
  };
  expect(countRemains(orphansAmong(remains, nobody, places))).toEqual(countRemains(remains));
});
