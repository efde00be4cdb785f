import { PlatformError } from '../../core/error/platform-error';

/** What an invocation names: the function, and the path that the function itself sees. */
export interface InvocationTarget {
  readonly tenant: string;
  readonly function: string;
  readonly alias: string;
  /** Path and query as they were sent, without `/fn/{tenant}/{function}`. Starts with "/". */
  readonly path: string;
}

const HOST_SUFFIX = '.fn.localhost';
export const DEFAULT_ALIAS = 'live';

/**
 * The target of `/fn/{tenant}/{function}[@alias]/…` or of the host `{function}.{tenant}.fn.localhost`; undefined when
 * the request is not an invocation. What follows the function's name is passed on byte for byte.
 * @throws PlatformError invalid_argument for broken escapes, forbidden for the paths of the runtime shims,
 * function_not_found for a path that names no function
 */
export function invocationTargetOf(url: string, host: string | undefined): InvocationTarget | undefined {
  const path = url.charCodeAt(0) === SLASH ? url : originFormOf(url);
  if (host !== undefined) {
    const named = functionOfHost(host);
    if (named) return guarded({ ...named, alias: DEFAULT_ALIAS, path });
  }
  return path.startsWith('/fn/') ? guarded(functionOfPath(path)) : undefined;
}

const SLASH = 0x2f;

/** Proxies may send the absolute form, `GET http://host/path`. */
function originFormOf(url: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(url);
  const rest = match?.[1] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Whether a host is `{function}.{tenant}.fn.localhost`. @param name in lower case, without a port */
export function isFunctionHost(name: string): boolean {
  return name.endsWith(HOST_SUFFIX);
}

/** The name in a Host header, without its port, in lower case. */
export function hostName(host: string): string {
  const colon = host.lastIndexOf(':');
  return (colon === -1 ? host : host.slice(0, colon)).toLowerCase();
}

function functionOfHost(host: string): { tenant: string; function: string } | undefined {
  const name = hostName(host);
  if (!isFunctionHost(name)) return undefined;
  const labels = name.slice(0, -HOST_SUFFIX.length).split('.');
  const [fn, tenant] = labels;
  if (labels.length !== 2 || !fn || !tenant) {
    throw new PlatformError('function_not_found', `The host "${name}" names no function`, {
      hint: `Hosts of functions are {function}.{tenant}${HOST_SUFFIX}.`,
    });
  }
  return { function: fn, tenant };
}

function functionOfPath(url: string): InvocationTarget {
  const query = url.indexOf('?');
  const pathEnd = query === -1 ? url.length : query;
  const tenantEnd = url.indexOf('/', 4);
  const nameStart = tenantEnd === -1 || tenantEnd > pathEnd ? pathEnd : tenantEnd + 1;
  const slash = url.indexOf('/', nameStart);
  const nameEnd = slash === -1 || slash > pathEnd ? pathEnd : slash;
  const tenant = decoded(url.slice(4, tenantEnd === -1 ? pathEnd : Math.min(tenantEnd, pathEnd)));
  const name = decoded(url.slice(nameStart, nameEnd));
  if (tenant === '' || name === '') {
    throw new PlatformError('function_not_found', 'The path names no function', {
      hint: 'Invoke with /fn/{tenant}/{function}, e.g. /fn/default/hello.',
    });
  }
  const at = name.indexOf('@');
  const rest = url.slice(nameEnd);
  return {
    tenant,
    function: at === -1 ? name : name.slice(0, at),
    alias: at === -1 ? DEFAULT_ALIAS : name.slice(at + 1),
    path: rest.charCodeAt(0) === SLASH ? rest : `/${rest}`,
  };
}

/** `/_presage/` is how agents speak with the runtime shims: no outsider may, however the path is written. */
function guarded(target: InvocationTarget): InvocationTarget {
  const { path } = target;
  // Only a path with an underscore, an escape, a dot or a backslash can come out as one of those; most have none.
  if (!/[_%\\.]/.test(path)) return target;
  const query = path.indexOf('?');
  const plain = asciiDecoded(query === -1 ? path : path.slice(0, query));
  const segments: string[] = [];
  for (const segment of plain.replaceAll('\\', '/').split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  if (segments[0]?.toLowerCase() === '_presage') {
    throw new PlatformError('forbidden', 'Paths under /_presage/ belong to the platform');
  }
  return target;
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new PlatformError('invalid_argument', 'The function’s name has an escape that is not valid UTF-8');
  }
}

/** Escapes of ASCII characters only; a function may use any other encoding in its paths. */
function asciiDecoded(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
