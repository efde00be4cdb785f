import type { Command } from 'commander';
import type { Finding } from '../../core/doctor/finding';
import { PlatformError } from '../../core/error/platform-error';
import type { ContextOf } from '../command-context';

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** doctor: is the installation fit for production? */
export function addDoctor(program: Command, contextOf: ContextOf): void {
  program
    .command('doctor')
    .description('look at a running platform; exit status 1 when a check fails')
    .option('--production', 'is it fit for production? for platform operators')
    .addHelpText('after', '\nWhat is missing on this machine, before anything runs: npm run doctor')
    .action(async ({ production }: { production?: boolean }, command: Command) => {
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
