import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../core/error/platform-error';
import type { Terminal } from './terminal';

/** Which platform to talk to, as whom. */
export interface ClientConfig {
  readonly url: string;
  readonly apiKey: string | null;
  readonly tenant: string | null;
  /** Where the address came from, for error messages. */
  readonly from: string;
}

export interface ClientFlags {
  readonly url?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly tenant?: string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** Where `presage login` keeps what it was told. */
export function loginFile(terminal: Pick<Terminal, 'env' | 'home'>): string {
  const folder = terminal.env['XDG_CONFIG_HOME'] ?? path.join(terminal.home, '.config');
  return path.join(folder, 'presage', 'client.json');
}

/**
 * Flags > environment > the nearest `.presage/client.json` from the working folder upwards (a running platform writes
 * it) > `presage login`. A key from a file is used only with the address from the same file: it is not for others to see.
 * @throws PlatformError invalid_argument for a file or address that cannot be read
 */
export function findClientConfig(terminal: Terminal, flags: ClientFlags): ClientConfig {
  const { env } = terminal;
  const named = (text: string | undefined): string | undefined => (text ? text : undefined);
  const tenant = named(flags.tenant) ?? named(env['PRESAGE_TENANT']);
  const apiKey = named(flags.apiKey) ?? named(env['PRESAGE_API_KEY']);
  const url = named(flags.url) ?? named(env['PRESAGE_URL']);
  const file = nearestFile(terminal.cwd) ?? existing(loginFile(terminal));
  const stored = file === undefined ? undefined : readClientFile(file);
  if (url !== undefined) {
    const checked = checkUrl(url);
    const same = stored !== undefined && checkUrl(stored.url) === checked;
    return {
      url: checked,
      apiKey: apiKey ?? (same ? stored.apiKey : null),
      tenant: tenant ?? (same ? stored.tenant : null),
      from: flags.url ? '--url' : 'PRESAGE_URL',
    };
  }
  return {
    url: checkUrl(stored?.url ?? DEFAULT_URL),
    apiKey: apiKey ?? stored?.apiKey ?? null,
    tenant: tenant ?? stored?.tenant ?? null,
    from: file ?? 'the default',
  };
}

function existing(file: string): string | undefined {
  return existsSync(file) ? file : undefined;
}

function nearestFile(from: string): string | undefined {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const file = path.join(folder, '.presage', 'client.json');
    if (existsSync(file)) return file;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function readClientFile(file: string): { url: string; apiKey: string | null; tenant: string | null } {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const text = (name: string): string | null => (typeof value[name] === 'string' ? value[name] : null);
    const url = text('url');
    if (url === null) throw new Error('it has no "url"');
    return { url, apiKey: text('apiKey'), tenant: text('tenant') };
  } catch (error) {
    throw new PlatformError('invalid_argument', `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: 'Start the platform again, which writes it anew, or name the platform with --url and --api-key.',
    });
  }
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href.replace(/\/+$/, '');
  throw new PlatformError('invalid_argument', `"${text}" is not an address of a platform`, {
    hint: 'Write e.g. http://127.0.0.1:8080',
  });
}
