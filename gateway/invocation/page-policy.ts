import type { IncomingHttpHeaders } from 'node:http';
import { hostName, isFunctionHost } from './invocation-target';

/** No `allow-same-origin`: the page has an origin of its own, which is nobody else's. */
const SANDBOX = 'sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts';
/** What browsers ask for to show it (https://www.w3.org/TR/fetch-metadata/); over plain HTTP they do not say. */
const SHOWN = new Set(['document', 'iframe', 'frame', 'object', 'embed']);

/**
 * Functions of all tenants answer below `/fn/` of one host, at which the console stands with its login: a page of one of them
 * must reach nothing that browsers keep for that host.
 * @param headers of the request
 * @param pageHosts hosts, in lower case, that a proxy leads to one function each
 * @returns the `content-security-policy` for the answer, beside the function's own; undefined where no page is asked for, and
 * at the function's own host, where there is nobody else
 */
export function pagePolicy(headers: IncomingHttpHeaders, pageHosts: ReadonlySet<string>): string | undefined {
  const { accept, host } = headers;
  const shown = accept?.includes('text/html') === true || SHOWN.has(headers['sec-fetch-dest'] as string);
  if (!shown) return undefined;
  const name = host === undefined ? '' : hostName(host);
  return isFunctionHost(name) || pageHosts.has(name) ? undefined : SANDBOX;
}
