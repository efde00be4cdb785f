import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { ownVersion } from './own-version';

/** Metrics of a process that has no API: memory, event loop, garbage collection, and what it is. */
export function processMetrics(process: 'control' | 'agent' | 'pod-agents'): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { version, commit } = ownVersion();
  new Gauge({
    name: 'presage_process_info',
    help: 'Always 1; the labels say which process this is, and of which build',
    labelNames: ['process', 'version', 'commit'],
    registers: [registry],
  }).set({ process, version, commit: commit ?? 'unknown' }, 1);
  return registry;
}
