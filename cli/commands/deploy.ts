import path from 'node:path';
import { PlatformError } from '../../core/error/platform-error';
import type { CodeResource, DeployAnswer, DeploymentResource } from '../api-resources';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { durationOption } from '../option-values';
import { followJob } from '../follow-job';
import { readFunctionFolder } from '../function-folder';
import { showBytes, showMs } from '../quantities';
import { showError } from '../show-error';
import type { Verb } from '../verb';

interface DeployOptions {
  readonly wait: boolean;
  readonly dryRun?: boolean;
  readonly alias: string;
  readonly timeout: number;
}

export function addDeploy(program: Verb, contextOf: ContextOf): void {
  program
    .command('deploy')
    .description('deploy functions and follow each deployment to its end')
    .argument('[dirs...]', 'folders with a function.yaml, or manifest files; default: this folder')
    .option('--alias <alias>', 'the alias that shall point at the new revision', 'live')
    .option('--dry-run', 'only let the platform check the manifests')
    .option('--no-wait', 'do not wait for the end of the deployment')
    .option('--timeout <duration>', 'how long to wait for each', durationOption, 600_000)
    .calls('PUT /v1/functions/{name}', 'POST /v1/code', 'GET /v1/deployments/{id}')
    .example('presage deploy hello', 'presage deploy hello --dry-run')
    .action(async (dirs: string[], options: DeployOptions, command: Verb) => {
      const context = contextOf(command);
      const answers: (DeployAnswer & { url: string })[] = [];
      const targets = dirs.length > 0 ? dirs : ['.'];
      for (const dir of targets) {
        try {
          answers.push(await deployOne(context, path.resolve(context.terminal.cwd, dir), options));
        } catch (error) {
          // One that fails does not hold up the others.
          if (targets.length === 1) throw error;
          context.output.note(`${dir}:`);
          showError(context.terminal, error);
          context.failed();
        }
      }
      const { output } = context;
      if (output.format !== 'table') await output.item(targets.length === 1 ? answers[0] : answers, () => '');
      else for (const { dryRun, url } of answers) if (!dryRun) output.line(url);
    });
}

async function deployOne(context: CommandContext, target: string, options: DeployOptions) {
  const { api, output, terminal } = context;
  const began = performance.now();
  const { name, manifest, code, source } = await readFunctionFolder(target);
  const say = (text: string): void => output.note(`${output.noteColour('bold', name)}: ${text}`);
  // The manifest is checked before anything is uploaded.
  const checked = await api.send<DeployAnswer>('PUT', functionPath(name), {
    query: { dryRun: true },
    json: { manifest },
  });
  const url = `${api.config.url}/fn/${api.config.tenant ?? 'default'}/${name}/`;
  if (options.dryRun) {
    say('the manifest is valid');
    return { ...checked, url };
  }
  say(`packing ${path.relative(terminal.cwd, source) || '.'}`);
  const uploaded = await api.send<CodeResource>('POST', '/v1/code', {
    body: code(),
    headers: { 'content-type': 'application/octet-stream' },
  });
  say(`uploaded ${showBytes(uploaded.bytes)}`);
  const answer = await api.send<DeployAnswer>('PUT', functionPath(name), {
    json: { manifest, codeDigest: uploaded.digest, codeKind: uploaded.kind, alias: options.alias },
  });
  // A deployment that was started or joined runs; one that has ended is told of because there was nothing to do.
  if (answer.deployment === null || answer.deployment.state !== 'running') {
    say(`nothing has changed: revision ${answer.revision} serves ${options.alias} already`);
    return { ...answer, url };
  }
  say(`revision ${answer.revision}${answer.created ? '' : ' (the same code and configuration as before)'}`);
  if (!options.wait) {
    say(`deployment ${answer.deployment.id} goes on by itself`);
    return { ...answer, url };
  }
  const deployment = await followJob<DeploymentResource>(context, {
    path: `/v1/deployments/${encodeURIComponent(answer.deployment.id)}`,
    first: answer.deployment,
    ended: ({ state }) => state !== 'running',
    step: ({ step }) => `${output.noteColour('bold', name)}: ${output.noteColour('cyan', '›')} ${step}`,
    timeoutMs: options.timeout,
  });
  if (deployment.state === 'running') throw stillRunning(deployment);
  if (deployment.state === 'failed') throw deployFailed(deployment, options.alias);
  const took = showMs(performance.now() - began);
  say(`${output.noteColour('green', '✓')} revision ${deployment.revision} serves ${options.alias} (${took})`);
  return { ...answer, deployment, url };
}

function stillRunning({ function: name, step, workflowId }: DeploymentResource): PlatformError {
  return new PlatformError('start_timeout', `${name} is still at "${step}"; the deployment goes on`, {
    hint: `Look at it in the Temporal UI as ${workflowId}, or wait longer with --timeout.`,
  });
}

function deployFailed(deployment: DeploymentResource, alias: string): PlatformError {
  const { function: name, revision, step, error, workflowId } = deployment;
  return new PlatformError(
    'start_failed',
    `Revision ${revision} of ${name} failed at "${step}": ${error ?? 'no reason given'}`,
    {
      hint: `${alias} is as it was. What the function wrote: presage logs ${name}. All steps: ${workflowId} in the Temporal UI.`,
    },
  );
}
