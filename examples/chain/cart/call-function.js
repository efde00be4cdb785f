'use strict';
const http = require('node:http');
const https = require('node:https');

/**
 * Posts JSON to another function of the same tenant through the gateway, whose address the platform gives.
 * @returns {Promise<{status: number, body: unknown}>}
 */
exports.callFunction = (name, body) => {
  const { PRESAGE_GATEWAY_URL, PRESAGE_TENANT, GATEWAY_KEY } = process.env;
  const url = new URL(`/fn/${PRESAGE_TENANT}/${name}/`, PRESAGE_GATEWAY_URL);
  const headers = { 'content-type': 'application/json', ...(GATEWAY_KEY ? { 'x-api-key': GATEWAY_KEY } : {}) };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => (text += piece));
      response.on('error', reject);
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode, body: JSON.parse(text) });
        } catch {
          resolve({ status: 502, body: { error: `${name} did not answer with JSON` } });
        }
      });
    });
    request.on('error', (error) =>
      resolve({ status: 503, body: { error: `${name} cannot be reached: ${error.message}` } }),
    );
    request.end(JSON.stringify(body));
  });
};
