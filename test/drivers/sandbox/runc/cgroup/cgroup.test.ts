import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCgroupTree } from '../../../../../drivers/sandbox/runc/cgroup/cgroup';

const limits = { memoryBytes: 1048576, cpuMillis: 250, pids: 20 };

/** Folders that look like control groups: the kernel's behaviour is tested with real ones in test/integration. */
describe('openCgroupTree', () => {
  let root: string;
  const at = (...parts: string[]): string => path.join(root, ...parts);
  const text = (...parts: string[]): string => readFileSync(at(...parts), 'utf8');
  beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'presage-cgroup-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  const V1 = ['cpu,cpuacct', 'memory', 'pids', 'freezer', 'devices'];
  const mountsV1 = (): string => {
    for (const name of V1) mkdirSync(at(name), { recursive: true });
    return V1.map((name) => `cgroup ${at(name)} cgroup rw,relatime,${name} 0 0`).join('\n');
  };
  const mountsV2 = (): string => {
    writeFileSync(at('cgroup.controllers'), 'cpuset cpu io memory pids\n');
    return `cgroup2 ${root} cgroup2 rw 0 0`;
  };

  test('version 1: one folder per hierarchy, however controllers are joined', async () => {
    const tree = openCgroupTree('presage-x', mountsV1());
    await tree.open();
    const group = tree.make('a');
    expect(tree.version).toBe(1);
    expect(tree.runcPath('a')).toBe('/presage-x/a');
    expect([...group.entrances].sort()).toEqual(
      ['cpu,cpuacct', 'freezer', 'memory', 'pids'].map((name) => at(name, 'presage-x/a/cgroup.procs')),
    );
    group.limit(limits);
    expect(text('memory/presage-x/a/memory.limit_in_bytes')).toBe('1048576');
    expect(text('cpu,cpuacct/presage-x/a/cpu.cfs_quota_us')).toBe('25000');
    expect(text('pids/presage-x/a/pids.max')).toBe('20');
    expect(tree.list()).toEqual(['a']);
  });

  test('version 1: freezes, counts and tells of out-of-memory kills', async () => {
    const tree = openCgroupTree('presage-x', mountsV1());
    await tree.open();
    const group = tree.make('a');
    expect(group.isFrozen()).toBe(false);
    group.freeze();
    expect(group.isFrozen()).toBe(true);
    group.thaw();
    expect(text('freezer/presage-x/a/freezer.state')).toBe('THAWED');
    writeFileSync(at('cpu,cpuacct/presage-x/a/cpuacct.usage'), '5000000\n');
    writeFileSync(at('memory/presage-x/a/memory.usage_in_bytes'), '9000\n');
    writeFileSync(at('memory/presage-x/a/memory.stat'), 'cache 5\ntotal_inactive_file 4000\n');
    writeFileSync(at('memory/presage-x/a/memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n');
    writeFileSync(at('pids/presage-x/a/pids.current'), '3\n');
    writeFileSync(at('freezer/presage-x/a/cgroup.procs'), '11\n12\n');
    expect(group.stats()).toEqual({ cpuMicros: 5000, memoryBytes: 5000, pids: 3 });
    expect(group.outOfMemoryKills()).toBe(2);
    expect(group.processes()).toEqual([11, 12]);
  });

  test('version 2: one folder, its own file names', async () => {
    const tree = openCgroupTree('presage-x', mountsV2());
    await tree.open();
    const group = tree.make('a');
    expect(tree.version).toBe(2);
    expect(text('cgroup.subtree_control')).toBe('+cpu +memory +pids');
    expect(group.entrances).toEqual([at('presage-x/a/cgroup.procs')]);
    group.limit(limits);
    expect([text('presage-x/a/memory.max'), text('presage-x/a/pids.max'), text('presage-x/a/cpu.max')]).toEqual([
      '1048576',
      '20',
      '25000 100000',
    ]);
    group.freeze();
    expect(text('presage-x/a/cgroup.freeze')).toBe('1');
    writeFileSync(at('presage-x/a/cgroup.events'), 'populated 1\nfrozen 1\n');
    expect(group.isFrozen()).toBe(true);
    writeFileSync(at('presage-x/a/cpu.stat'), 'usage_usec 77\nuser_usec 1\n');
    writeFileSync(at('presage-x/a/memory.current'), '500\n');
    writeFileSync(at('presage-x/a/memory.stat'), 'anon 1\ninactive_file 100\n');
    writeFileSync(at('presage-x/a/pids.current'), '2\n');
    writeFileSync(at('presage-x/a/memory.events'), 'oom 1\noom_kill 1\n');
    expect(group.stats()).toEqual({ cpuMicros: 77, memoryBytes: 400, pids: 2 });
    expect(group.outOfMemoryKills()).toBe(1);
  });

  test('a restore may have helpers and all of the CPU, not more memory', async () => {
    for (const mounts of [mountsV1(), mountsV2()]) {
      const tree = openCgroupTree('presage-x', mounts);
      await tree.open();
      tree.make('a').limitForRestore(limits);
    }
    expect(text('memory/presage-x/a/memory.limit_in_bytes')).toBe('1048576');
    expect(text('presage-x/a/memory.max')).toBe('1048576');
    expect(Number(text('pids/presage-x/a/pids.max'))).toBeGreaterThan(20);
    expect(existsSync(at('cpu,cpuacct/presage-x/a/cpu.cfs_quota_us'))).toBe(false);
  });

  test('a machine without controllers is refused with their names', () => {
    expect(() => openCgroupTree('presage-x', '')).toThrow(/cpu, cpuacct, memory, pids, freezer/);
  });
});
