import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const root = path.join(__dirname, '..', '..');
const read = (...names: string[]): string => readFileSync(path.join(root, ...names), 'utf8');

interface Stage {
  readonly name: string;
  readonly from: string;
  /** Instructions in order, each on one line. */
  readonly lines: readonly string[];
}

const instructions = read('deploy', 'docker', 'Dockerfile')
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '');
const stages: Stage[] = [];
const defaults = new Map<string, string>();
for (const line of instructions) {
  const [, from, name] = /^FROM (\S+) AS (\S+)$/.exec(line) ?? [];
  const [, argument, value] = /^ARG (\w+)=(.*)$/.exec(line) ?? [];
  if (from !== undefined && name !== undefined) stages.push({ name, from, lines: [] });
  else if (stages.length === 0 && argument !== undefined) defaults.set(argument, value ?? '');
  else (stages.at(-1)?.lines as string[] | undefined)?.push(line);
}
const stage = (name: string): Stage | undefined => stages.find((each) => each.name === name);
/** A stage and what it is made of, the first one first. */
function linesOf(name: string): string[] {
  const own = stage(name);
  return own ? [...linesOf(own.from), ...own.lines] : [];
}

/** What the context leaves out, as `Dockerfile.dockerignore` says: as much of its patterns as are used there. */
const ignored = read('deploy', 'docker', 'Dockerfile.dockerignore').split('\n').filter(Boolean);
function inContext(file: string): boolean {
  const parts = file.split('/');
  return ignored.reduce((kept, pattern) => {
    const wanted = pattern.replace(/^!/, '');
    const matches = wanted.startsWith('**/')
      ? parts.includes(wanted.slice(3))
      : wanted.endsWith('*')
        ? file.startsWith(wanted.slice(0, -1))
        : file === wanted || file.startsWith(`${wanted}/`);
    return matches ? pattern.startsWith('!') : kept;
  }, true);
}

const copies = stages.flatMap(({ name, lines }) =>
  lines
    .filter((line) => line.startsWith('COPY '))
    .map((line) => {
      const [, from, rest = ''] = /^COPY (?:--from=(\S+) )?(.+)$/.exec(line) ?? [];
      return { name, from, sources: rest.split(' ').slice(0, -1) };
    }),
);

describe('deploy/docker/Dockerfile', () => {
  it('has the images that the chart and the README name, each made of stages that come before it', () => {
    expect(defaults.get('NODE_IMAGE')).toMatch(/^node:\d+-\w+-slim(@sha256:[0-9a-f]{64})?$/);
    for (const [place, { from }] of stages.entries())
      if (from !== '${NODE_IMAGE}') expect(stages.slice(0, place).map(({ name }) => name)).toContain(from);
    const values = read('deploy', 'chart', 'values.yaml');
    const named = [...values.matchAll(/repository: presage\/(\w+)/g)].map(([, name]) => name);
    expect([...named].sort()).toEqual(['agent', 'platform', 'runtimes', 'trial']);
    const loops = [...read('README.md').matchAll(/for t in ([\w ]+); do/g)].map(([, names]) =>
      names?.split(' ').sort(),
    );
    expect(loops).toEqual([[...named].sort(), [...named].sort()]);
    for (const name of named) expect(stage(name ?? '')).toBeDefined();
  });

  it('copies what is there, from the context or from an earlier stage', () => {
    const own = copies.filter(({ from }) => from === undefined).flatMap(({ sources }) => sources);
    expect(own.length).toBeGreaterThan(4);
    for (const source of own) expect([source, existsSync(path.join(root, source)), inContext(source)]).toEqual([source, true, true]); // prettier-ignore
    for (const { name, from } of copies) {
      if (from === undefined) continue;
      const order = stages.map((each) => each.name);
      expect([from, order.indexOf(from)]).toEqual([from, expect.any(Number)]);
      expect(order.indexOf(from)).toBeGreaterThanOrEqual(0);
      expect(order.indexOf(from)).toBeLessThan(order.indexOf(name));
    }
  });

  it('calls modules and functions that are there', () => {
    const text = instructions.join('\n').replaceAll("require('./dist/drivers/sandbox/' + file)", '');
    const calls = [
      ...[...text.matchAll(/require\('\.\/dist\/([\w/-]+)'\)\.(\w+)/g)].map(([, file, name]) => [file, name]),
      ...[...text.matchAll(/from\('([\w/-]+)'\)\.(\w+)/g)].map(([, file, name]) => [`drivers/sandbox/${file}`, name]),
    ];
    expect(calls.length).toBeGreaterThan(5);
    for (const [file, name] of calls)
      expect([file, read(`${file}.ts`)]).toEqual([file, expect.stringMatching(new RegExp(`export (async )?(function|const) ${name}\\b`))]); // prettier-ignore
  });

  it('fetches by the package managers alone, whose addresses are arguments', () => {
    for (const line of instructions.filter((each) => each.startsWith('RUN ') || each.startsWith('ADD '))) {
      expect(line).not.toMatch(/^ADD |https?:\/\/|\b(curl|wget|git clone|pip install)\b(?! tar)/);
      for (const [, how] of line.matchAll(/\bnpm (ci|install|prune)\b/g)) expect([how, line]).toEqual([how, expect.stringContaining('${NPM_REGISTRY:+--registry')]); // prettier-ignore
    }
    const mirrors = linesOf('base').filter((line) => line.includes('apt-get update'));
    expect(mirrors[0]).toContain('$DEBIAN_MIRROR');
    // A stage that installs packages looks for what there is first: the base has thrown its lists away.
    for (const { lines } of stages)
      for (const line of lines.filter((each) => each.includes('apt-get install')))
        expect(line.indexOf('apt-get update')).toBeGreaterThanOrEqual(0);
  });

  it('has the programs that the chart starts', () => {
    const folder = path.join(root, 'deploy', 'manifests');
    const templates = readdirSync(folder)
      .flatMap((name) => parseAllDocuments(read('deploy', 'manifests', name)))
      .map((document) => document.toJS() as { spec?: { template?: { spec?: { containers?: readonly { image: string; command?: readonly string[]; args?: readonly string[] }[] } } } } | null); // prettier-ignore
    const containers = templates.flatMap((object) => object?.spec?.template?.spec?.containers ?? []);
    expect(containers.length).toBeGreaterThan(4);
    for (const { image, command = [], args = [] } of containers) {
      const target = /^presage\/(\w+)(:|@)/.exec(image)?.[1] ?? '';
      expect([image, linesOf(target).some((line) => line.includes('/opt/presage'))]).toEqual([image, true]);
      const [, worker] = /dist\/(\S+)\.js/.exec([...command, ...args].join(' ')) ?? [];
      expect([args, existsSync(path.join(root, `${worker}.ts`))]).toEqual([args, true]);
    }
    for (const script of ['trial-postgres', 'trial-temporal'])
      expect(statSync(path.join(root, 'deploy', 'docker', script)).mode & 0o111).not.toBe(0);
  });

  it('leaves in the context what the processes read while they run', () => {
    // Found by the name that they ask for.
    const asked = ['agent', 'cli', 'drivers', 'gateway', 'workers'].flatMap((folder) =>
      (readdirSync(path.join(root, folder), { recursive: true }) as string[])
        .filter((name) => name.endsWith('.ts'))
        .flatMap((name) =>
          [...read(folder, name).matchAll(/assetPath\('([\w./-]+)'\)/g)].map(([, file]) => file ?? ''),
        ),
    );
    expect(asked.length).toBeGreaterThan(4);
    // What is in dist/ is built in the image.
    expect(asked.filter((file) => file !== '.' && !file.startsWith('dist/') && !inContext(file))).toEqual([]);
  });
});
