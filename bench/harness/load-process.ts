import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { quantile } from './statistics';

/** What one load is: a closed loop of one fixed request on each connection. */
export interface LoadOptions {
  readonly target: { readonly port: number } | { readonly path: string };
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Between an answer and the next request; none when left out. */
  readonly pauseMs?: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Processes whose CPU time is taken over the measured time. */
  readonly pids: readonly number[];
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Answers that were no 200, and broken connections. */
  readonly errors: number;
  /** Microseconds. */
  readonly minUs: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  /** CPU time, user and system, of all `pids` per request, in microseconds. */
  readonly cpuUs: number;
  /** The same of this client. */
  readonly clientCpuUs: number;
}

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const TICK_US = 10_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** User and system time of a process, all of its threads, in clock ticks. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The command name may hold spaces and brackets: fields are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** As cheap as a client can be: it looks for a 200, the length and nothing else. @throws Error when nothing was answered */
async function load(options: LoadOptions): Promise<LoadResult> {
  const { target, pids } = options;
  const lines = Object.entries(options.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`GET ${options.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}\r\n`);
  let taken: number[] = [];
  let errors = 0;
  let open = true;
  const sockets = Array.from({ length: options.connections }, () => {
    const socket = connect('port' in target ? { ...target, host: '127.0.0.1' } : target);
    let sentAt = 0;
    /** Bytes of the answer that are still to come; below 0: its head is. */
    let left = -1;
    let head: Buffer | undefined;
    const send = (): void => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.setNoDelay(true);
    socket.once('connect', send);
    socket.on('data', (chunk) => {
      if (left < 0) {
        head = head ? Buffer.concat([head, chunk]) : chunk;
        const end = head.indexOf(HEAD_END);
        if (end === -1) return;
        left = end + HEAD_END.length + bodyLength(head.toString('latin1', 0, end)) - head.length;
        if (head.toString('latin1', 9, 12) !== '200') errors++;
        head = undefined;
      } else left -= chunk.length;
      if (left > 0) return;
      left = -1;
      taken.push(performance.now() - sentAt);
      if (!open) return;
      if (options.pauseMs === undefined) send();
      else setTimeout(() => open && send(), options.pauseMs);
    });
    socket.on('error', () => errors++);
    return socket;
  });
  await pause(options.warmUpMs);
  taken = [];
  errors = 0;
  const ticks = (): number => pids.reduce((sum, pid) => sum + ticksOf(pid), 0);
  const [begun, ticksBefore, ownBefore] = [performance.now(), ticks(), process.cpuUsage()];
  await pause(options.measureMs);
  const samples = taken;
  const seconds = (performance.now() - begun) / 1000;
  const own = process.cpuUsage(ownBefore);
  const used = ticks() - ticksBefore;
  open = false;
  for (const socket of sockets) socket.destroy();
  if (samples.length === 0) throw new Error(`nothing was answered in ${seconds.toFixed(1)} s, ${errors} errors`);
  return {
    requests: samples.length,
    seconds,
    errors,
    minUs: quantile(samples, 0) * 1000,
    p50Us: quantile(samples, 0.5) * 1000,
    p95Us: quantile(samples, 0.95) * 1000,
    p99Us: quantile(samples, 0.99) * 1000,
    cpuUs: (used * TICK_US) / samples.length,
    clientCpuUs: (own.user + own.system) / samples.length,
  };
}

function bodyLength(head: string): number {
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${head}`);
  return Number(length);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

if (require.main === module) {
  load(JSON.parse(process.argv[2] ?? '{}') as LoadOptions).then(
    (result) => process.stdout.write(JSON.stringify(result)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
}
