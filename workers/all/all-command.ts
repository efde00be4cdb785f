import { flagList, parseFlags } from './flags';
import { startDetached } from './detach';
import { doctor } from './doctor-command';
import { environmentOf } from './environment';
import { browserPrerequisite } from './prerequisites/browser';
import { sentenceOf } from './set-up';
import { runningPlatform, runPlatform, setUp } from './start-command';
import { stopPlatform } from './stop-command';

/** `npm start`, `npm run stop`, `npm run doctor`. Ends the process itself: nothing may keep it alive after its work. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exit(await run(argv));
}

async function run(argv: readonly string[]): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const invocation = parseFlags(argv);
    if (invocation.command === 'help') {
      say(`npm start -- [flags]\n${flagList()}`);
      return 0;
    }
    const environment = environmentOf(invocation);
    if (invocation.command === 'stop') {
      await stopPlatform(environment, say);
      return 0;
    }
    if (invocation.command === 'doctor') return await doctor(environment, say);
    if (invocation.command === 'setup') {
      const browser = invocation.browser ? [browserPrerequisite()] : [];
      for (const warning of (await setUp(environment, browser)).warnings) say(`! ${warning}`);
      return 0;
    }
    const running = runningPlatform(environment);
    if (running) {
      say(running);
      return 0;
    }
    if (!invocation.detach) return await runPlatform(environment, invocation);
    await setUp(environment);
    await startDetached(environment, argv);
    return 0;
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    return 1;
  }
}
