import { Option } from 'commander';
import type { DeploymentResource, RevisionResource } from '../api-resources';
import { functionPath, type ContextOf } from '../command-context';
import { followJob } from '../follow-job';
import { limitOption, listVerb } from '../list-verb';
import { showAge, showAgo } from '../quantities';
import { countOption } from '../option-values';
import type { Verb } from '../verb';

/** What was deployed, and how that went. */
export function addRevisions(program: Verb, contextOf: ContextOf): void {
  const revision = program.command('revision').alias('revisions').description('versions of functions');
  listVerb<RevisionResource>(
    revision
      .command('list')
      .alias('ls')
      .description('revisions of a function, newest first')
      .argument('<function>', 'the function')
      .addOption(limitOption())
      .example('presage revision list hello'),
    contextOf,
    'GET /v1/functions/{name}/revisions',
    {
      columns: [
        ['REVISION', (row) => row.number],
        ['STATE', (row) => row.state],
        ['CODE', (row) => row.codeDigest.replace(/^sha256:/, '').slice(0, 12)],
        ['AGE', (row) => showAge(row.createdAt)],
        ['ERROR', (row) => row.error],
      ],
      none: (name) => `${name} has no revisions`,
    },
  );
  revision
    .command('show')
    .description('one revision, with the manifest it was deployed by')
    .argument('<function>', 'the function')
    .argument('<revision>', 'its number', countOption)
    .calls('GET /v1/functions/{name}/revisions/{number}')
    .example('presage revision show hello 1 -o yaml')
    .action(async (name: string, number: number, _options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const found = await api.get<RevisionResource>(functionPath(name, `/revisions/${number}`));
      await output.item(found, async () => {
        const { stringify } = await import('yaml');
        const facts = output.fields([
          ['Revision', `${found.number} of ${name}`],
          ['State', `${found.state}${found.error === null ? '' : `: ${found.error}`}`],
          ['Code', found.codeDigest],
          ['Made', showAgo(found.createdAt)],
        ]);
        return `${facts}\n\n${stringify(found.manifest).trimEnd()}`;
      });
    });

  const deployment = program
    .command('deployment')
    .alias('deployments')
    .description('revisions on their way into service');
  listVerb<DeploymentResource>(
    deployment
      .command('list')
      .alias('ls')
      .description('deployments, newest first')
      .argument('[function]', 'only of this function')
      .addOption(new Option('--state <state>', 'only in this state').choices(['running', 'succeeded', 'failed']))
      .addOption(limitOption())
      .example('presage deployment list hello --state failed'),
    contextOf,
    'GET /v1/deployments',
    {
      columns: [
        ['ID', (row) => row.id],
        ['FUNCTION', (row) => row.function],
        ['REVISION', (row) => row.revision],
        ['STATE', (row) => row.state],
        ['STEP', (row) => row.step],
        ['AGE', (row) => showAge(row.createdAt)],
        ['ERROR', (row) => row.error],
      ],
      none: 'Nothing was deployed',
    },
  );
  deployment
    .command('show')
    .description('how far a deployment is; exit status 1 when it has failed')
    .argument('<id>', 'as presage deployment list shows it')
    .option('--wait', 'wait for its end, and tell each step')
    .calls('GET /v1/deployments/{id}')
    .example('presage deployment show 01JABC --wait')
    .action(async (id: string, { wait }: { wait?: boolean }, command: Verb) => {
      const context = contextOf(command);
      const { output } = context;
      const found = await followJob<DeploymentResource>(context, {
        path: `/v1/deployments/${encodeURIComponent(id)}`,
        ended: ({ state }) => !wait || state !== 'running',
        step: ({ step }) => step,
      });
      await output.item(found, () =>
        output.fields([
          ['Deployment', found.id],
          ['Revision', `${found.revision} of ${found.function}`],
          ['State', `${found.state}${found.error === null ? '' : `: ${found.error}`}`],
          ['Step', found.step],
          ['Begun', showAgo(found.createdAt)],
          ['Ended', showAgo(found.endedAt)],
          ['Workflow', found.workflowId],
        ]),
      );
      if (found.state === 'failed') context.failed();
    });
}
