import path from 'node:path';
import { flagList, parseFlags } from '../../../workers/all/flags';

describe('parseFlags', () => {
  it('turns flags into the settings that every process reads', () => {
    const { command, env, detach, examples } = parseFlags([
      ...['--port', '9000', '--data-dir', 'here', '--sandbox', 'process', '--temporal-port=7777', '--detach'],
    ]);
    expect({ command, detach, examples }).toEqual({ command: 'start', detach: true, examples: true });
    expect(env).toEqual({
      PRESAGE__GATEWAY__PORT: '9000',
      PRESAGE__DATADIR: path.resolve('here'),
      PRESAGE__AGENT__SANDBOX: 'process',
      PRESAGE__TEMPORAL__PORT: '7777',
    });
  });

  it('reads the nodes with and without a tier and a region', () => {
    const { env } = parseFlags(['--nodes', 'edge-1:edge,edge-2:edge:eu,central-1']);
    expect(JSON.parse(env['PRESAGE__NODES'] ?? '')).toEqual([
      { name: 'edge-1', tier: 'edge' },
      { name: 'edge-2', tier: 'edge', region: 'eu' },
      { name: 'central-1' },
    ]);
  });

  it('sets up the browser of the console’s tests only when that is asked for', () => {
    expect(parseFlags(['--setup']).browser).toBe(false);
    expect(parseFlags(['--setup', '--browser'])).toMatchObject({ command: 'setup', browser: true });
  });

  it.each([
    [['--stop'], 'stop'],
    [['--doctor'], 'doctor'],
    [['--setup'], 'setup'],
    [['--help'], 'help'],
    [[], 'start'],
  ] as const)('takes %j as %s', (argv, command) => {
    expect(parseFlags(argv).command).toBe(command);
  });

  it.each([
    [['--prot', '1'], '--prot'],
    [['extra'], 'extra'],
    [['--port'], '--port'],
    [['--nodes', 'a:b:c:d'], '"a:b:c:d"'],
    [['--stop', '--doctor'], 'do not go together'],
  ])('refuses %j and lists what there is', (argv, named) => {
    expect(() => parseFlags(argv)).toThrow(named);
    expect(() => parseFlags(argv)).toThrow('--data-dir FOLDER');
  });

  it('gives each flag one line', () => {
    const lines = flagList().split('\n');
    expect(lines.every((line) => /^ {2}--\S+.* {2,}\S|^ {2}--\S+ \S+ +\S/.test(line))).toBe(true);
    expect(new Set(lines).size).toBe(lines.length);
  });
});
