import type { Manifest } from '../../../../core/function/manifest';

/** One setting, as a person reads it. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** Where it stands in the manifest. */
  readonly path: string;
}

/** What bounds a function, in words. */
export function limitSettings({ spec }: Manifest): Setting[] {
  const { resources, timeouts, scale, concurrency, sla } = spec;
  const rows: [string, string | undefined, string][] = [
    ['Memory', resources.memory, 'resources.memory'],
    ['CPU', `${resources.cpu} cores`, 'resources.cpu'],
    ['Processes', String(resources.pids), 'resources.pids'],
    ['Requests at once, each instance', String(concurrency), 'concurrency'],
    ['Instances', `${scale.min} to ${scale.max}`, 'scale'],
    ['Requests passed on at once', String(scale.maxInFlight ?? scale.max * concurrency), 'scale.maxInFlight'],
    ['Rest before it is ended, without a policy', scale.keepAlive, 'scale.keepAlive'],
    ['Time for a start', timeouts.start, 'timeouts.start'],
    ['Time to the first byte', timeouts.firstByte, 'timeouts.firstByte'],
    ['Time without a byte', timeouts.idle, 'timeouts.idle'],
    ['Time in all', timeouts.total, 'timeouts.total'],
    ['Promise', sla && `${sla.percentile} % of the answers within ${sla.latencyMs} ms`, 'sla'],
  ];
  return rows.flatMap(([name, value, path]) => (value === undefined ? [] : [{ name, value, path: `spec.${path}` }]));
}

/** How it runs, where, and who may call it. */
export function placeSettings({ spec }: Manifest): Setting[] {
  const { runtime, handler, command, isolation, network, tier, placement, checkpoint, async: later } = spec;
  const rows: [string, string | undefined, string][] = [
    ['Runtime', `${runtime} ${handler ?? command?.join(' ') ?? ''}`.trim(), 'runtime'],
    ['Isolation', isolation, 'isolation'],
    ['Network', network === 'none' ? 'it calls nobody' : 'it may call out', 'network'],
    ['Who may call it', spec.public ? 'everybody' : 'who has a key with the scope invoke', 'public'],
    [
      'Tiers',
      tier.prefer === undefined ? tier.allow.join(', ') : `${tier.allow.join(', ')}; ${tier.prefer} first`,
      'tier',
    ],
    ['Regions', placement?.regions?.join(', '), 'placement.regions'],
    ['Checkpoint', checkpoint.when ?? (checkpoint.warmUp.length > 0 ? 'deploy' : 'first-request'), 'checkpoint.when'],
    ['Retries of asynchronous calls', later.enabled ? String(later.retries) : 'it takes none', 'async'],
    [
      'When the budget runs out',
      spec.critical ? 'it is spared to the last' : 'it is degraded as the budget says',
      'critical',
    ],
  ];
  return rows.flatMap(([name, value, path]) => (value === undefined ? [] : [{ name, value, path: `spec.${path}` }]));
}

/** The environment that the manifest names: values that are open, and secrets by name alone. */
export function environment({
  spec,
}: Manifest): { readonly name: string; readonly value: string; readonly secret: boolean }[] {
  const open = Object.entries(spec.env).map(([name, value]) => ({ name, value, secret: false }));
  const sealed = spec.secrets.map(({ name, env }) => ({ name: env, value: `the secret ${name}`, secret: true }));
  return [...open, ...sealed].sort((a, b) => (a.name < b.name ? -1 : 1));
}
