import type { Environment } from './environment';
import { portHolder, requireFreePorts, type WantedPort } from './ports';
import type { PidFiles } from './process/pid-files';

/** Every port that our processes are about to listen on must be free, or held by one of ours that is adopted. @throws PlatformError conflict */
export async function checkPorts(environment: Environment, pids: PidFiles): Promise<void> {
  const ours = new Set(pids.allRunning().map(({ pid }) => pid));
  const wanted = wantedPorts(environment).filter(({ port }) => {
    const holder = portHolder(port);
    return holder === null || !ours.has(holder.pid);
  });
  await requireFreePorts(wanted);
}

function wantedPorts({ config, ownPostgres, ownTemporal }: Environment): readonly WantedPort[] {
  const host = '127.0.0.1';
  const { gateway, postgres, temporal } = config;
  return [
    { host: gateway.host, port: gateway.port, owner: 'the gateway', flag: '--port' },
    ...(ownPostgres ? [{ host, port: postgres.port, owner: 'PostgreSQL', flag: '--postgres-port' }] : []),
    ...(ownTemporal
      ? [
          { host, port: temporal.port, owner: 'Temporal', flag: '--temporal-port' },
          { host, port: temporal.uiPort, owner: "Temporal's web UI", flag: '--temporal-ui-port' },
        ]
      : []),
  ];
}
