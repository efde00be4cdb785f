'use strict';
/**
 * Calls to the gateway go on with the trace of the request that makes them, so that the platform knows which function calls
 * which. That goes for `fetch` and undici, and for what goes through an agent of node:http. A call whose headers carry a
 * trace already stays as it is, and nobody but the gateway is told.
 */
const diagnostics = require('node:diagnostics_channel');
const http = require('node:http');

/** The headers of a request that calls pass on; undefined where it has no trace. */
exports.of = ({ traceparent, tracestate }) =>
  traceparent === undefined ? undefined : { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };

/**
 * @param {string | undefined} gatewayUrl without it there is nobody to call
 * @param {() => object | undefined} current the trace of the request whose code runs now
 */
exports.install = (gatewayUrl, current) => {
  if (!gatewayUrl) return;
  const { origin, hostname, port } = new URL(gatewayUrl);
  const gatewayPort = Number(port || 80);
  const gatewayHost = hostname.replace(/^\[|\]$/g, '');

  diagnostics.subscribe('undici:request:create', ({ request }) => {
    const trace = String(request.origin) === origin ? current() : undefined;
    if (!trace || isTraced(request.headers)) return;
    for (const [name, value] of Object.entries(trace)) request.addHeader(name, value);
  });

  const { addRequest } = http.Agent.prototype;
  // Every request with an agent passes here before its head is written.
  http.Agent.prototype.addRequest = function (request, options, ...rest) {
    const host = options?.host ?? options?.hostname;
    const toGateway = host === gatewayHost && Number(options.port || 80) === gatewayPort;
    const trace = toGateway && !request.headersSent && !request.hasHeader('traceparent') ? current() : undefined;
    if (trace) for (const [name, value] of Object.entries(trace)) request.setHeader(name, value);
    return addRequest.call(this, request, options, ...rest);
  };
};

/** undici keeps headers as a flat list, older ones as text. */
function isTraced(headers) {
  if (typeof headers === 'string') return /^traceparent:/im.test(headers);
  return headers.some((word, at) => at % 2 === 0 && String(word).toLowerCase() === 'traceparent');
}
