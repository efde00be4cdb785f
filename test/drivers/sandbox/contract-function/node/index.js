'use strict';
const crypto = require('node:crypto');
const http = require('node:http');

let count = 0;
const restored = [];
crypto.randomUUID(); // fills the cache, which clones would share

const routes = {
  '/count': () => ({ count: ++count, restored }),
  '/random': () => [
    crypto.randomUUID(),
    crypto.randomBytes(8).toString('hex'),
    String(crypto.randomInt(2 ** 47)),
    String(Math.random()),
  ],
  '/echo': (req) => req.body ?? null,
  '/env': (req) => process.env[req.query.name] ?? null,
  '/names': () => Object.keys(process.env),
  '/log': (req) => {
    console.log(req.query.text);
    console.error(req.query.text);
    return 'ok';
  },
  '/burn': () => {
    const end = process.cpuUsage().user + 200_000;
    while (process.cpuUsage().user < end);
    return 'ok';
  },
  '/exit': () => process.exit(3),
};

exports.handler = (req) => routes[req.path](req);
exports.beforeCheckpoint = () => http.globalAgent.destroy();
exports.afterRestore = () => restored.push(crypto.randomUUID());
