import { createRuncDriver, type RuncDriverOptions } from '../../../../../drivers/sandbox/runc/runc-driver';
import type { SandboxSpec } from '../../../../../drivers/sandbox/sandbox';

/** Starts instances as told on the command line, says so, and waits to be killed. */
async function main(): Promise<void> {
  const { options, start, create, image, clone, specialised } = JSON.parse(process.argv[2] ?? '') as {
    options: Omit<RuncDriverOptions, 'log'>;
    start: SandboxSpec;
    create: SandboxSpec;
    image: string;
    clone: SandboxSpec;
    specialised: SandboxSpec;
  };
  const driver = createRuncDriver({ ...options, log: { info: () => undefined, warn: () => undefined } });
  await driver.open({ exited: () => undefined, logged: () => undefined });
  await driver.create(start);
  await driver.start(start.id);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await driver.checkpoint(start.id, image);
  await driver.restore(clone, image);
  await driver.create(create);
  await driver.startBlank('b1', { runtime: 'nodejs', network: 'egress' });
  await driver.startBlank('b2', { runtime: 'python', network: 'none' });
  await driver.specialise('b2', specialised);
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.stdout.write('ready\n');
  setInterval(() => undefined, 1000);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
