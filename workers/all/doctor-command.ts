import type { Environment } from './environment';
import { prerequisites } from './prerequisites/prerequisites';
import type { Finding, Prerequisite } from './prerequisites/prerequisite';
import { pidFiles, runningPlatform } from './start-command';
import { checkPorts } from './wanted-ports';

/** Looks at every prerequisite, changes nothing, and says how to mend each. @returns the exit status: 1 when something needed is missing */
export async function doctor(environment: Environment, say: (line: string) => void): Promise<number> {
  const running = runningPlatform(environment);
  const all = [...prerequisites(environment.config, environment.cacheDir), ports(environment)];
  const findings = await Promise.all(
    all.map(async (prerequisite) => ({ prerequisite, finding: await prerequisite.check() })),
  );
  for (const { prerequisite, finding } of findings) say(diagnosis(prerequisite, finding));
  const missing = findings.filter(({ finding }) => !finding.ok);
  const fatal = missing.filter(({ prerequisite }) => prerequisite.need === 'always');
  say('');
  say(missing.length === 0 ? 'Nothing is missing.' : `${missing.length} missing; npm start sets up what it can.`);
  if (running) say(running);
  return fatal.length === 0 ? 0 : 1;
}

/** One prerequisite as lines for the terminal. */
export function diagnosis(
  { title, need }: Pick<Prerequisite, 'title' | 'need'>,
  { ok, detail, mend }: Finding,
): string {
  if (ok) return `ok       ${title}: ${detail}`;
  return `${need === 'always' ? 'MISSING' : 'missing'}  ${title}: ${detail}\n         ${mend}`;
}

function ports(environment: Environment): Prerequisite {
  return {
    title: 'Ports',
    need: 'always',
    check: async () => {
      try {
        await checkPorts(environment, pidFiles(environment));
        return { ok: true, detail: 'free, or held by this platform', mend: '' };
      } catch (error) {
        return {
          ok: false,
          detail: (error as Error).message,
          mend: 'End that process, or choose another port with the flag.',
        };
      }
    },
    ensure: () => Promise.resolve(),
  };
}
