import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidArgumentError } from 'commander';
import { PlatformError } from '../../core/error/platform-error';
import { problemOf } from '../api-client';
import type { CommandContext, ContextOf } from '../command-context';
import { showMs } from '../quantities';
import { readAll, type Terminal } from '../terminal';
import type { Verb } from '../verb';

interface InvokeOptions {
  readonly data?: string;
  readonly request?: string;
  readonly header?: [name: string, value: string][];
  readonly path: string;
  readonly alias?: string;
  readonly async?: boolean;
  readonly verbose?: boolean;
}

export function addInvoke(program: Verb, contextOf: ContextOf): void {
  program
    .command('invoke')
    .description('call a function; its answer goes to stdout, whatever it is')
    .argument('<function>', 'the function, or NAME@ALIAS')
    .option('-d, --data <body>', 'the body: text, @FILE, or - for standard input')
    .option('-X, --request <method>', 'the method; default: GET, with a body POST')
    .option('-H, --header <header>', 'a header, "Name: value"; may be given again', headerOption)
    .option('--path <path>', 'path and query within the function', '/')
    .option('--alias <alias>', 'call this alias rather than live')
    .option('--async', 'do not wait: tells the id under which "presage async describe" knows it')
    .option('-v, --verbose', 'tell status, start and times on stderr')
    .example(
      'presage invoke hello -v',
      `presage invoke hello --data '{"name":"Ada"}' --path /greet`,
      'presage invoke hello@canary --async',
    )
    .action(async (name: string, options: InvokeOptions, command: Verb) => invoke(contextOf(command), name, options));
}

async function invoke(context: CommandContext, name: string, options: InvokeOptions): Promise<void> {
  const { api, terminal } = context;
  const body = options.data === undefined ? undefined : bodyOf(options.data, terminal);
  const began = performance.now();
  const target = options.alias === undefined ? name : `${name}@${options.alias}`;
  const answer = await api.exchange(
    options.request?.toUpperCase() ?? (body === undefined ? 'GET' : 'POST'),
    `/fn/${api.config.tenant ?? 'default'}/${encodeURIComponent(target).replace('%40', '@')}/${options.path.replace(/^\//, '')}`,
    { ...(body === undefined ? {} : { body }), headers: headersOf(options, body !== undefined) },
  );
  const firstByteMs = performance.now() - began;
  const failed = (answer.statusCode ?? 0) >= 400;
  if (failed) context.failed();
  const problem = failed && isProblem(answer) ? await readAll(answer) : undefined;
  if (problem !== undefined && fromPlatform(problem)) throw problemOf(answer, problem);
  if (problem !== undefined) terminal.stdout.write(problem);
  else await pipeline(answer, terminal.stdout, { end: false });
  if (options.verbose) tell(context, answer, firstByteMs, performance.now() - began);
}

/** Status, start kind and times, as the gateway's headers tell them. */
function tell({ output }: CommandContext, answer: IncomingMessage, firstByteMs: number, totalMs: number): void {
  const header = (name: string): string | undefined => {
    const value = answer.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const start = header('x-presage-start');
  const cause = header('x-presage-cause');
  const platformMs = header('x-presage-platform-ms');
  const parts = [
    `HTTP ${answer.statusCode} ${answer.statusMessage ?? ''}`.trim(),
    start && `start ${start}${cause ? ` (${cause})` : ''}`,
    header('x-presage-revision') && `revision ${header('x-presage-revision')}`,
    header('x-presage-node') && `node ${header('x-presage-node')}`,
    platformMs && `platform ${showMs(Number(platformMs))}`,
    `first byte ${showMs(firstByteMs)}`,
    `total ${showMs(totalMs)}`,
  ];
  output.note(output.noteColour('dim', parts.filter(Boolean).join(' · ')));
  const id = header('x-request-id');
  if (id) output.note(output.noteColour('dim', `presage explain ${id}`));
}

function headerOption(text: string, before: [string, string][] = []): [string, string][] {
  const match = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(text);
  if (!match) throw new InvalidArgumentError('Write "Name: value".');
  return [...before, [match[1] ?? '', match[2] ?? '']];
}

function headersOf(options: InvokeOptions, hasBody: boolean): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = options.async ? { prefer: 'respond-async' } : {};
  for (const [name, value] of options.header ?? []) {
    const key = name.toLowerCase();
    headers[key] = key in headers ? [headers[key] ?? [], value].flat() : value;
  }
  if (hasBody && !('content-type' in headers)) headers['content-type'] = 'application/json';
  return headers;
}

function bodyOf(data: string, terminal: Terminal): Buffer | Readable {
  if (data === '-') return terminal.stdin;
  if (!data.startsWith('@')) return Buffer.from(data);
  const file = path.resolve(terminal.cwd, data.slice(1));
  try {
    return readFileSync(file);
  } catch (error) {
    throw new PlatformError('invalid_argument', `${file} cannot be read`, { cause: error });
  }
}

function isProblem(answer: IncomingMessage): boolean {
  return /^application\/problem\+json/.test(answer.headers['content-type'] ?? '');
}

/** A function may answer with problems of its own: those are its answer, not our error. */
function fromPlatform(body: Buffer): boolean {
  return body.includes('urn:presage:problem:');
}
