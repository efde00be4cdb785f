/** A request as it is typed. */
export interface TypedRequest {
  readonly method: string;
  readonly path: string;
  /** `Name: value`, one a line. */
  readonly headers: string;
  readonly body: string;
  readonly alias: string;
  readonly async: boolean;
}
export interface ReadRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: [name: string, value: string][];
  readonly body: string | null;
  /** By field; empty when it can be sent. */
  readonly problems: Readonly<Partial<Record<'path' | 'headers' | 'body', string>>>;
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const WITHOUT_BODY = ['GET', 'HEAD'];
const HEADER = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*)$/;
/** Those that a browser sets itself and that no page may set (Fetch, forbidden request-header). */
const FORBIDDEN =
  /^(accept-charset|accept-encoding|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i;
/** The console's own key answers for the call. */
const AUTHORISATION = /^(authorization|x-api-key)$/i;

/** @param base where the function is called, e.g. `/fn/acme/hello/` */
export function readRequest(base: string, typed: TypedRequest): ReadRequest {
  const problems: Partial<Record<'path' | 'headers' | 'body', string>> = {};
  const { method, path } = typed;
  if (!path.startsWith('/')) problems.path = 'must begin with "/"; write e.g. /orders?limit=5';
  else if (/[\s#]/.test(path)) problems.path = 'must not hold spaces or "#"; write %20 and %23';

  const headers: [string, string][] = [];
  const wrong: string[] = [];
  typed.headers.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const [, name, value = ''] = HEADER.exec(line.trim()) ?? [];
    if (name === undefined) wrong.push(`line ${index + 1}: write "Name: value", e.g. accept: text/plain`);
    else if (FORBIDDEN.test(name))
      wrong.push(`line ${index + 1}: browsers do not let ${name} be set; use presage invoke -H`);
    else if (AUTHORISATION.test(name)) wrong.push(`line ${index + 1}: ${name} is set by the console, from your login`);
    else if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      wrong.push(`line ${index + 1}: ${name} has characters that headers cannot carry`);
    else headers.push([name, value]);
  });
  if (wrong.length > 0) problems.headers = wrong.join('; ');

  const hasBody = typed.body !== '';
  const named = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (hasBody && WITHOUT_BODY.includes(method)) {
    problems.body = `${method} has no body; choose POST, or empty this field`;
  } else if (hasBody && (named === undefined || /[/+]json\b/i.test(named))) {
    const reason = jsonProblem(typed.body);
    if (reason !== null)
      problems.body = `is not JSON: ${reason}. Mend it, or name what it is in the headers, e.g. content-type: text/plain`;
    else if (named === undefined) headers.push(['content-type', 'application/json']);
  }
  if (typed.async) headers.push(['prefer', 'respond-async']);
  const target =
    typed.alias === '' || typed.alias === 'live' ? base : base.replace(/\/$/, `@${encodeURIComponent(typed.alias)}/`);
  return { url: `${target}${path.replace(/^\//, '')}`, method, headers, body: hasBody ? typed.body : null, problems };
}

/** Why a text is not JSON, with its line; null when it is. */
function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const message = (error as Error).message;
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? Number.NaN);
    const reason = message.replace(/ in JSON at position.*$| \(line.*$/, '').replace(/, ".*$/s, '');
    return Number.isNaN(position) ? reason : `${reason} in line ${text.slice(0, position).split('\n').length}`;
  }
}

/** How the platform served an answer, by its headers. */
export interface Served {
  readonly kind: string | null;
  readonly cause: string | null;
  readonly revision: string | null;
  readonly node: string | null;
  readonly platformMs: number | null;
  /** Of the invocation; null where the platform gave none. */
  readonly id: string | null;
}

export function served(header: (name: string) => string | null): Served {
  const ms = header('x-presage-platform-ms');
  return {
    kind: header('x-presage-start'),
    cause: header('x-presage-cause'),
    revision: header('x-presage-revision'),
    node: header('x-presage-node'),
    platformMs: ms === null ? null : Number(ms),
    id: header('x-request-id'),
  };
}
