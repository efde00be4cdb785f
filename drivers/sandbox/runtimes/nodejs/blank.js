'use strict';
/**
 * A runtime that was booted ahead of any function, and how it becomes one. Until then it answers on a socket that the
 * platform alone reaches, and only this: GET /_presage/health; POST /_presage/become with {"environment": {NAME: VALUE}}.
 */

/** Instructions are an environment: the kernel itself takes no more than this of a program's. */
const INSTRUCTIONS_CAP = 4 * 1024 * 1024;

/**
 * Waits on the Unix socket until told what to become, takes that environment as its own, and goes to its code folder.
 * The socket is gone when it resolves. `serverOf` makes a server for a request listener.
 */
exports.becomeSomeone = (path, serverOf) =>
  new Promise((resolve, reject) => {
    const server = serverOf((req, res) => {
      const action = `${req.method} ${req.url}`;
      if (action !== 'POST /_presage/become') {
        req.resume();
        res.statusCode = action === 'GET /_presage/health' ? 200 : 404;
        return void res.end();
      }
      const pieces = [];
      let bytes = 0;
      req.on('data', (piece) => {
        bytes += piece.length;
        if (bytes > INSTRUCTIONS_CAP) req.destroy();
        else pieces.push(piece);
      });
      req.on('end', () => {
        res.setHeader('connection', 'close');
        res.end('ok');
        server.close();
        try {
          const { environment } = JSON.parse(Buffer.concat(pieces).toString());
          delete process.env.PRESAGE_BLANK;
          Object.assign(process.env, environment);
          process.chdir(environment.PRESAGE_CODE);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    server.once('error', reject);
    server.listen({ path, backlog: 16 });
  });
