import type { Logger } from 'pino';
import { createOtlpTracer } from '../drivers/tracing/otlp/otlp-tracer';
import type { Tracer } from '../drivers/tracing/tracer';
import type { Config } from './config';
import { ownVersion } from './own-version';
import { tracingOf } from './tracing-settings';

/** The tracer of a process; undefined where no traces are wanted, so that nothing of it is on the way of a call. */
export function openTracer(
  { tracing }: Pick<Config, 'tracing'>,
  process: 'gateway' | 'agent' | 'control',
  instance: string,
  log: Logger,
): Tracer | undefined {
  const target = tracingOf(tracing);
  if (!target) return undefined;
  const resource = {
    ...target.resource,
    'service.name': `presage-${process}`,
    'service.namespace': 'presage',
    'service.instance.id': instance,
    'service.version': ownVersion().version,
  };
  log.info({ event: 'tracing.on', url: target.url, ratio: target.ratio }, 'Traces are sent');
  return createOtlpTracer({ ...target, resource, log });
}
