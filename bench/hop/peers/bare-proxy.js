'use strict';
// The least a proxy on Node can do: its own server, an undici pool, no rights, no records, no clocks.
const http = require('node:http');
const { Pool } = require(process.env.UNDICI_MODULE);

const pool = new Pool('http://localhost', { socketPath: process.env.UPSTREAM, connections: 64, pipelining: 1 });
http
  .createServer((req, res) => {
    const headers = req.rawHeaders.filter((_, i, all) => all[i - (i % 2)].toLowerCase() !== 'connection');
    pool.dispatch(
      { path: req.url, method: req.method, headers, body: req.method === 'GET' ? null : req },
      {
        onConnect() {},
        onHeaders(status, raw, resume, text) {
          res.writeHead(
            status,
            text,
            raw.map((part) => part.toString('latin1')),
          );
          res.on('drain', resume);
          return true;
        },
        // Nobody resumes what was held back for a caller who has left.
        onData: (chunk) => res.destroyed || res.write(chunk),
        onComplete: () => res.end(),
        onError: () => res.destroy(),
      },
    );
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
