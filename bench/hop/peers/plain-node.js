'use strict';
// The example's handler behind Node's own server: what the others are compared with.
const http = require('node:http');
const { handler } = require(process.env.HELLO_MODULE);

http
  .createServer((req, res) => {
    const query = Object.fromEntries(new URLSearchParams(req.url.split('?')[1]));
    const body = JSON.stringify(handler({ query }));
    res.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    });
    res.end(body);
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
