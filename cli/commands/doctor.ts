import type { Finding } from '../../core/doctor/finding';
import { PlatformError } from '../../core/error/platform-error';
import type { ContextOf } from '../command-context';
import type { Verb } from '../verb';

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** doctor: is the installation fit for production? */
export function addDoctor(program: Verb, contextOf: ContextOf): void {
  program
    .command('doctor')
    .description(
      'look at a running platform; exit status 1 when a check fails. For this machine, before anything runs: npm run doctor',
    )
    .option('--production', 'is it fit for production? for platform operators')
    .calls('GET /v1/doctor')
    .example('presage doctor --production')
    .action(async ({ production }: { production?: boolean }, command: Verb) => {
      if (!production) {
        throw new PlatformError('invalid_argument', 'Say what the platform is to be fit for', {
          hint: 'presage doctor --production; how it is now: presage status; this machine: npm run doctor',
        });
      }
      const context = contextOf(command);
      const { api, output } = context;
      const report = await api.get<{ findings: readonly Finding[] }>('/v1/doctor');
      const count = (state: Finding['state']): number => report.findings.filter((one) => one.state === state).length;
      if (count('fail') > 0) context.failed();
      await output.item(report, () =>
        [
          ...report.findings.map(({ title, state, detail, means, mend }) =>
            [
              `${output.colour(COLOURS[state], state.padEnd(4))}  ${title}: ${detail}`,
              ...(state === 'ok' ? [] : [`      ${means}`, `      → ${mend}`]),
            ].join('\n'),
          ),
          '',
          `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} to mend`,
        ].join('\n'),
      );
    });
}
