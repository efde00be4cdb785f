import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { RunningSandbox } from '../../../../drivers/sandbox/sandbox';
import { RuncHarness } from './runc-harness';

describe('what an instance can reach', () => {
  const harness = new RuncHarness();
  const instances: [string, RunningSandbox][] = [];

  beforeAll(async () => {
    await harness.open();
    const template = await harness.launch();
    const image = harness.image();
    await harness.driver.checkpoint(template.id, image);
    instances.push(['cold', template], ['restored', await harness.restore(image)]);
    instances.push(['from a blank', await harness.specialise()]);
  }, 300_000);
  afterAll(() => harness.close(), 60_000);

  async function each(code: string, check: (answer: { out?: unknown; error?: string }) => void): Promise<void> {
    for (const [, sandbox] of instances) check(await harness.run(sandbox, code));
  }

  test('it runs as nobody, without capabilities, under a filter', () =>
    each(
      `
status = dict(l.split(':', 1) for l in open('/proc/self/status').read().splitlines())
out = [status[k].strip().split()[0] for k in ('Uid', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp')]`,
      ({ out }) => expect(out).toEqual(['1000', '0'.repeat(16), '0'.repeat(16), '1', '2']),
    ));

  test('it sees its own processes only, and none of the kernel’s settings', () =>
    each(
      `
import os
pids = [int(p) for p in os.listdir('/proc') if p.isdigit()]
out = [max(pids) < 30, os.path.exists('/proc/sys'), os.path.exists('/sys/kernel')]`,
      ({ out }) => expect(out).toEqual([true, false, false]),
    ));

  test('it has namespaces of its own', async () => {
    const host = `import os; out = [os.readlink('/proc/self/ns/' + n) for n in ('pid', 'mnt', 'net', 'ipc', 'uts', 'user')]`;
    const seen: string[] = [];
    await each(host, ({ out }) => seen.push(...(out as string[])));
    for (const name of ['pid', 'mnt', 'net', 'ipc', 'uts', 'user']) seen.push(readlinkSync(`/proc/self/ns/${name}`));
    expect(new Set(seen).size).toBe(24);
  });

  test.each([
    ['writes to the root', `open('/usr/x', 'w')`, /Read-only|Permission/],
    ['writes to its code', `open('/var/task/probe.py', 'a')`, /Read-only|Permission/],
    ['writes to the runtime', `open('/var/runtime/nodejs/shim.js', 'a')`, /Read-only|Permission/],
    [
      'makes a user namespace',
      `import ctypes, os; l = ctypes.CDLL(None, use_errno=True); l.unshare(0x10000000) and exec("raise OSError(ctypes.get_errno(), 'unshare')")`,
      /\[Errno 1\]/,
    ],
    [
      'clones into a namespace',
      `import ctypes; l = ctypes.CDLL(None, use_errno=True); r = l.syscall(56, 0x10000011, 0, 0, 0, 0); r < 0 and exec("raise OSError(ctypes.get_errno(), 'clone')")`,
      /\[Errno 1\]/,
    ],
    [
      'mounts',
      `import ctypes; l = ctypes.CDLL(None, use_errno=True); l.mount(b'x', b'/tmp', b'tmpfs', 0, None) and exec("raise OSError(ctypes.get_errno(), 'mount')")`,
      /\[Errno 1\]/,
    ],
    [
      'traces',
      `import ctypes; l = ctypes.CDLL(None, use_errno=True); l.ptrace(16, 1, 0, 0) and exec("raise OSError(ctypes.get_errno(), 'ptrace')")`,
      /\[Errno 1\]/,
    ],
    ['makes a device', `import os, stat; os.mknod('/tmp/d', 0o600 | stat.S_IFBLK, os.makedev(8, 0))`, /Errno/],
    ['becomes root', `import os; os.setuid(0)`, /Permission|not permitted/],
    ['opens the host’s files', `open('/etc/shadow')`, /No such file/],
  ])('it is refused when it %s', async (_, code, expected) => {
    await each(code, ({ error }) => expect(error).toMatch(expected));
  });

  test('it cannot see another instance’s folder or socket', () =>
    each(
      `
import os
out = [sorted(os.listdir('/run')), sorted(os.listdir('/run/fn')), os.path.exists('${harness.root}')]`,
      ({ out }) => expect(out).toEqual([['fn'], ['http.sock'], false]),
    ));

  test('one from a blank is shut in as one that was started for its function', async () => {
    const spec = harness.handlerSpec();
    await harness.driver.create(spec);
    const ordinary = await harness.ready(await harness.driver.start(spec.id));
    const look = `
import os, re
def shown(line):  # without what is each instance's own: numbers of mounts and devices, its folders on the host
    own, kind = line.split(' - ')
    _, _, _, _, point, options, *propagation = own.split()
    return [point, options, propagation, kind.split()[0]]
status = [l for l in open('/proc/self/status') if re.match('Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp', l)]
mounts = sorted(shown(l) for l in open('/proc/self/mountinfo'))
links = sorted(os.readlink('/proc/self/fd/' + d).split(':')[0] for d in os.listdir('/proc/self/fd') if os.path.lexists('/proc/self/fd/' + d))
out = [status, mounts, links, open('/proc/self/limits').read(), open('/proc/self/cmdline').read(), os.getcwd(), sorted(os.environ)]`;
    const wanted = await harness.run(ordinary, look);
    expect(await harness.run(instances[2]![1], look)).toEqual(wanted);
    expect((wanted.out as unknown[][])[1]!.length).toBeGreaterThan(5);
  }, 60_000);

  test('a blank holds nothing of anybody, and listens for the platform only', async () => {
    const id = harness.newId();
    const isShim = (line: string): boolean => line.includes('/var/runtime/nodejs/shim.js');
    // Another platform of this machine may have some of its own.
    const others = new Set(findProcesses(isShim));
    await harness.driver.startBlank(id, { runtime: 'nodejs', network: 'egress' });
    const pid = findProcesses(isShim).find((one) => !others.has(one))!;
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(environment.filter((entry) => /TENANT|FUNCTION|HANDLER|GREETING/.test(entry))).toEqual([]);
    expect(readdirSync(`/proc/${pid}/root/var/task`)).toEqual([]);
    expect(readdirSync(`/proc/${pid}/root/run/fn`)).toEqual(['blank.sock']);
    for (const table of ['tcp', 'udp']) {
      expect(readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n')).toHaveLength(1);
    }
    await harness.driver.destroy(id);
    expect(existsSync(`/proc/${pid}/root/var`)).toBe(false);
  }, 60_000);

  test('files in /tmp go with the checkpoint, and each clone has its own', async () => {
    const template = instances[0]![1];
    await harness.run(template, `open('/tmp/a', 'w').write('from the template')`);
    const image = harness.image();
    await harness.driver.checkpoint(template.id, image);
    const [one, other] = [await harness.restore(image), await harness.restore(image)];
    await harness.run(one, `open('/tmp/a', 'a').write(', mine now')`);
    expect((await harness.run(one, `out = open('/tmp/a').read()`)).out).toBe('from the template, mine now');
    expect((await harness.run(other, `out = open('/tmp/a').read()`)).out).toBe('from the template');
    expect((await harness.run(template, `out = open('/tmp/a').read()`)).out).toBe('from the template');
  }, 60_000);

  test('a clone with mapped pages cannot be dumped, and says so', async () => {
    const clone = instances[1]![1];
    await expect(harness.driver.checkpoint(clone.id, harness.image())).rejects.toMatchObject({
      code: 'checkpoint_failed',
      message: expect.stringContaining('restored with mapped pages and cannot be dumped'),
    });
  });

  test('a clone that read its pages can be dumped', async () => {
    const template = instances[0]![1];
    const checkpoint = { when: 'never' as const, mapPages: false, warmUp: [] };
    const image = harness.image();
    await harness.driver.checkpoint(template.id, image);
    const clone = await harness.restore(image, { checkpoint });
    await harness.run(clone, `kept['generation'] = 2`);
    const second = harness.image();
    await harness.driver.checkpoint(clone.id, second);
    const grandchild = await harness.restore(second, { checkpoint });
    expect((await harness.run(grandchild, `out = kept['generation']`)).out).toBe(2);
  }, 60_000);
});

/** Processes in sandboxes, by their command line. */
function findProcesses(matches: (line: string) => boolean): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && matches(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    } catch {
      return false;
    }
  });
}
