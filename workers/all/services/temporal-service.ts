import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import type { Config } from '../../config';
import type { Service } from '../supervisor/service';

/** What workflows can be searched by, besides Temporal's own attributes. */
export const SEARCH_ATTRIBUTES = ['FunctionName', 'TenantId', 'NodeName'] as const;

/** The stock server fires timers up to a second late and reads its queues 20 times a second; a write-ahead log is safe and 5 times faster. */
const TUNING = [
  ['--sqlite-pragma', 'journal_mode=WAL'],
  ['--sqlite-pragma', 'synchronous=NORMAL'],
  ['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="1ms"'],
  ['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
  ['--dynamic-config-value', 'history.timerProcessorMaxPollRPS=2000'],
  ['--dynamic-config-value', 'history.visibilityProcessorMaxPollRPS=500'],
] as const;

/** The development server with its web UI, on loopback, with its state in the data folder. */
export function temporalService(config: Config, binary: string): Service {
  const { port, uiPort, namespace } = config.temporal;
  const folder = path.join(config.dataDir, 'temporal');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const address = `127.0.0.1:${port}`;
  return {
    name: 'temporal',
    command: binary,
    args: [
      ...['server', 'start-dev', '--disable-config-file', '--disable-config-env'],
      ...['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--db-filename', path.join(folder, 'temporal.db'), '--log-level', 'warn', '--log-format', 'json'],
      ...(namespace === 'default' ? [] : ['--namespace', namespace]),
      ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ...TUNING.flat(),
    ],
    env: { PATH: process.env['PATH'], HOME: folder },
    cwd: folder,
    commandWord: 'temporal',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 15_000,
    readyTimeoutMs: 60_000,
    probe: () => isServing(address),
  };
}

const HealthClient = makeGenericClientConstructor({}, 'grpc.health.v1.Health');
const FRONTEND = 'temporal.api.workflowservice.v1.WorkflowService';

/** The standard gRPC health check of Temporal's front end. */
export function isServing(address: string): Promise<boolean> {
  const client = new HealthClient(address, credentials.createInsecure());
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      // HealthCheckRequest { string service = 1 }, short enough for a one-byte length.
      (service: string) => Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]),
      // HealthCheckResponse { ServingStatus status = 1 }, where SERVING = 1.
      (answer: Buffer) => answer[0] === 0x08 && answer[1] === 1,
      FRONTEND,
      { deadline: Date.now() + 2_000 },
      (error: Error | null, serving?: boolean) => {
        client.close();
        resolve(error === null && serving === true);
      },
    );
  });
}
