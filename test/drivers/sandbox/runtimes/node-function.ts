/** The function that the tests of both shims talk to, for Node. */
export const nodeFunction = `
const { setTimeout: sleep } = require('node:timers/promises');
const routes = {
  '/object': () => ({ a: 1 }),
  '/text': async () => 'tëxt',
  '/bytes': (req, res) => res.send(Buffer.from([0, 1, 255])),
  '/status': (req, res) => res.status(418).set('x-tea', 'pot').json({ short: true }),
  '/request': (req) => ({ method: req.method, path: req.path, query: req.query, agent: req.get('User-Agent'), deadline: req.deadline ?? null }),
  '/json': (req) => ({ got: req.body }),
  '/form': (req) => ({ got: req.body }),
  '/size': async (req) => {
    let bytes = req.rawBody ? req.rawBody.length : 0;
    if (!req.rawBody) for await (const piece of req) bytes += piece.length;
    return { bytes };
  },
  '/pipe': (req, res) => req.pipe(res),
  '/stream': async function* (req) {
    for (let part = 0; part < 3; part++) { yield 'part' + part + '\\n'; await sleep(20); }
  },
  '/big': (req, res) => res.send(Buffer.alloc(10 * 1024 * 1024, 'x')),
  '/tagged': async (req) => {
    for (let step = 0; step < 5; step++) {
      process.stdout.write('begin ' + req.query.n);
      await sleep(3);
      console.log(' end ' + req.query.n);
      console.error('error ' + req.query.n);
    }
    setTimeout(() => console.log('later ' + req.query.n), 10);
    return 'ok';
  },
  '/unfinished': () => { process.stdout.write('no newline'); return 'ok'; },
  '/throw': () => { throw new Error('secret reason'); },
  '/throw-late': (req, res) => { res.write('half'); throw new Error('after the head'); },
  '/throw-callback': () => new Promise(() => setTimeout(() => { throw new Error('in a timer'); }, 1)),
  '/reject': () => { Promise.reject(new Error('nobody cares')); return 'ok'; },
  '/slow': async (req) => { await sleep(Number(req.query.ms)); return 'slept'; },
  '/wait-abort': (req, res) => { console.log('waiting'); req.signal.addEventListener('abort', () => console.log('aborted')); },
  '/exit': () => process.exit(7),
  '/flood': (req) => { for (let n = 0; n < Number(req.query.lines); n++) console.log('x'.repeat(99)); return 'flooded'; },
  '/long-line': () => { console.log('y'.repeat(100000)); return 'ok'; },
  '/random': () => [Math.random(), require('crypto').randomUUID(), require('crypto').randomInt(2 ** 47)],
};
let restored = [];
exports.handler = (req, res) => routes[req.path](req, res);
exports.beforeCheckpoint = async () => { if (process.env.FAIL === 'before') throw new Error('not now'); console.log('before hook'); };
exports.afterRestore = async () => {
  await sleep(50);
  if (process.env.FAIL === 'after') throw new Error('cannot wake');
  restored.push(Math.random());
  console.log('after hook ' + restored.length);
};
console.log('loading');
`;
