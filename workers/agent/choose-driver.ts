import path from 'node:path';
import type { Logger } from 'pino';
import { PlatformError } from '../../core/error/platform-error';
import { createProcessDriver } from '../../drivers/sandbox/process/process-driver';
import { listenerOn } from '../../drivers/sandbox/runc/network/gateway-door';
import { createRuncDriver } from '../../drivers/sandbox/runc/runc-driver';
import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import { createSimulatedDriver } from '../../drivers/sandbox/simulated/simulated-driver';
import { SimulatedMachine } from '../../drivers/sandbox/simulated/simulated-machine';
import { cacheDir } from '../cache-dir';
import type { Config } from '../config';
import { insideDoor, insideUrl } from '../gateway-url';

/**
 * The sandbox driver that the configuration names. `auto`: runc where it passes its self-test, else process, with the
 * reasons in the log. @throws PlatformError unsupported when runc is demanded and cannot be had
 */
export async function chooseDriver(config: Config, node: string, log: Logger): Promise<SandboxDriver> {
  const runDir = path.join(config.runDir, node);
  switch (config.agent.sandbox) {
    case 'simulated':
      return createSimulatedDriver({
        random: Math.random,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        machine: new SimulatedMachine(Date.now, { runDir }),
      });
    case 'process':
      return createProcessDriver({ runDir, cacheDir: cacheDir(), gatewayUrl: insideUrl(config), log });
    case 'runc':
    case 'auto':
      return runcOrProcess(config, runDir, log);
  }
}

async function runcOrProcess(config: Config, runDir: string, log: Logger): Promise<SandboxDriver> {
  const { sandbox, subnet, slots } = config.agent;
  const { host, port } = insideDoor(config);
  const gateway = listenerOn(host, port);
  if (!gateway) {
    const reason = `Functions speak IPv4 and cannot reach a gateway on ${host}`;
    log.warn({ event: 'agent.sandbox', reasons: [reason] }, 'runc works with limits');
  }
  const runc = createRuncDriver({ runDir, cacheDir: cacheDir(), subnet, slots, gateway, log });
  const { isolation, reasons } = await runc.capabilities();
  if (isolation) {
    if (reasons.length > 0) log.warn({ event: 'agent.sandbox', reasons }, 'runc works with limits');
    return runc;
  }
  await runc.close({ destroyAll: true });
  if (sandbox === 'runc') {
    throw new PlatformError('unsupported', `runc cannot be used here: ${reasons.join('; ')}`, {
      hint: 'Choose agent.sandbox: process, or mend what is named.',
    });
  }
  log.warn(
    { event: 'agent.sandbox', reasons },
    'runc cannot be used here: functions run as plain processes, without isolation and checkpoints',
  );
  return createProcessDriver({ runDir, cacheDir: cacheDir(), gatewayUrl: insideUrl(config), log });
}
