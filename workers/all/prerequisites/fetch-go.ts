import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import { filesOfZip } from './zip-files';

export const FETCHED_GO = '1.25.4';

/** As the checksum database of Go has them: what comes from whichever proxy must be this. */
const SUMS: Readonly<Record<string, string>> = {
  amd64: 'h1:5e4fxJf48MqaBmsurT33X8lENq6kLpby4xLNGF0tmEw=',
  arm64: 'h1:+dQ0OTT7ZJts1pLKCvRSGOfw5tcBo7PoAsmTf1k6ttc=',
};
const PROXY = 'https://proxy.golang.org';
const DOWNLOAD_MS = 600_000;

export interface GoSource {
  /** `GOPROXY`; default: Go's own. */
  readonly proxies?: string | undefined;
  readonly arch?: string;
  readonly sums?: Readonly<Record<string, string>>;
  readonly download?: (url: string) => Promise<Buffer>;
}

/**
 * Path of a go command that is fetched into `folder` as the module that Go itself fetches newer versions as: 64 MB, for which
 * neither a go command nor any right on the machine is needed.
 * @throws PlatformError unsupported where there is none for this machine; unavailable when no proxy gives the right one
 */
export async function fetchGo(folder: string, source: GoSource = {}): Promise<string> {
  const { proxies, arch = process.arch === 'x64' ? 'amd64' : process.arch, sums = SUMS, download = get } = source;
  const sum = sums[arch];
  if (sum === undefined || process.platform !== 'linux') {
    throw new PlatformError('unsupported', `Go cannot be fetched for ${process.platform} on ${arch}`, { hint: HINT });
  }
  const version = `v0.0.1-go${FETCHED_GO}.linux-${arch}`;
  const refusals: string[] = [];
  for (const proxy of proxiesOf(proxies)) {
    const url = `${proxy}/golang.org/toolchain/@v/${version}.zip`;
    try {
      const files = [...filesOfZip(await download(url))];
      const found = moduleSum(files);
      if (found !== sum) throw new Error(`what came has the sum ${found}, wanted ${sum}`);
      return unpack(files, `golang.org/toolchain@${version}/`, folder);
    } catch (error) {
      refusals.push(`${url}: ${(error as Error).message}`);
    }
  }
  const told = refusals.length > 0 ? refusals.join('; ') : `GOPROXY=${proxies} names no proxy`;
  throw new PlatformError('unavailable', `Go ${FETCHED_GO} could not be fetched: ${told}`, { hint: HINT });
}

const HINT = 'Install Go 1.25 or newer, or set GOPROXY to a Go module proxy that this machine reaches.';

function proxiesOf(text = PROXY): readonly string[] {
  return text
    .split(/[,|]/)
    .filter((entry) => /^https?:\/\//.test(entry))
    .map((entry) => entry.replace(/\/$/, ''));
}

async function get(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  if (!answer.ok) throw new Error(`HTTP status ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

type ZipFile = readonly [name: string, content: Buffer];

/** The sum of a module, as go.sum has it (https://go.dev/ref/mod#go-sum-files). */
function moduleSum(files: readonly ZipFile[]): string {
  const lines = files
    .map(([name, content]) => [Buffer.from(name), createHash('sha256').update(content).digest('hex')] as const)
    .sort(([one], [other]) => Buffer.compare(one, other))
    .map(([name, hash]) => `${hash}  ${name.toString()}\n`);
  return `h1:${createHash('sha256').update(lines.join('')).digest('base64')}`;
}

function unpack(files: readonly ZipFile[], prefix: string, folder: string): string {
  for (const [name, content] of files) {
    const file = path.join(folder, name.slice(prefix.length));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    // Modules carry no permission bits.
    if (/^(bin|pkg\/tool)\//.test(name.slice(prefix.length))) chmodSync(file, 0o755);
  }
  return path.join(folder, 'bin', 'go');
}
