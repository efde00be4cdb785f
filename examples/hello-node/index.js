'use strict';

// What stands out here runs once, before the checkpoint: clones share it.
const startedAt = new Date().toISOString();
let served = 0;

/** Greets whoever `?name=` says. */
exports.handler = (req) => {
  const name = req.query.name ?? 'world';
  console.log('greeting', name);
  return { hello: name, served: ++served, startedAt };
};
