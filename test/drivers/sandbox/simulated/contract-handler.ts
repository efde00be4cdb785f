import { randomUUID } from 'node:crypto';
import type { SimulatedHandler } from '../../../../drivers/sandbox/simulated/simulated-machine';

/** The contract's function, without a process. */
export const contractHandler: SimulatedHandler = async (request, response, call) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const argument = url.searchParams.get(url.pathname === '/env' ? 'name' : 'text') ?? '';
  const restored = (call.state['restored'] ??= []) as string[];
  if (call.state['bornAs'] !== undefined && call.state['bornAs'] !== call.instanceId) restored.push(randomUUID());
  call.state['bornAs'] = call.instanceId;
  call.use(url.pathname === '/burn' ? 200_000 : 100);
  switch (url.pathname) {
    case '/count':
      call.state['count'] = Number(call.state['count'] ?? 0) + 1;
      return void response.end(JSON.stringify({ count: call.state['count'], restored }));
    case '/random':
      return void response.end(JSON.stringify([randomUUID()]));
    case '/echo':
      return void response.end(Buffer.concat(pieces));
    case '/env':
      return void response.end(call.env[argument]);
    case '/names':
      return void response.end(JSON.stringify(Object.keys(call.env)));
    case '/exit':
      return call.exit(3);
    case '/log':
      call.log('stdout', argument);
      call.log('stderr', argument);
  }
  response.end('ok');
};
