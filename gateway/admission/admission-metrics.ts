import { Counter, Gauge, type Registry } from 'prom-client';
import { SHED_REASONS, type Admission } from './admission';
import { POLICIES, type RateLimits } from './rate-limits';

/** Sources of the figures that are read when somebody asks. */
export interface AdmissionFigures {
  readonly admission: Pick<Admission, 'inFlight' | 'queued' | 'shed'>;
  readonly rates: Pick<RateLimits, 'limited'>;
  readonly connectionsRefused: () => number;
}

/** Registers what the door of the gateway lets in, lets wait and turns away. */
export function registerAdmissionMetrics(registry: Registry, figures: AdmissionFigures): void {
  const { admission, rates } = figures;
  const registers = [registry];
  new Gauge({
    name: 'presage_admission_in_flight',
    help: 'Places of the gateway that requests, streams and WebSockets have.',
    registers,
    collect() {
      this.set(admission.inFlight);
    },
  });
  new Gauge({
    name: 'presage_admission_queued',
    help: 'Requests that wait for a place.',
    registers,
    collect() {
      this.set(admission.queued);
    },
  });
  new Counter({
    name: 'presage_admission_shed_total',
    help: 'Requests turned away with 503 before they began, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const reason of SHED_REASONS) this.inc({ reason }, admission.shed[reason]);
    },
  });
  new Counter({
    name: 'presage_admission_limited_total',
    help: 'Requests turned away with 429, by whose rate was used up.',
    labelNames: ['policy'],
    registers,
    collect() {
      this.reset();
      for (const policy of POLICIES) this.inc({ policy }, rates.limited[policy]);
    },
  });
  new Counter({
    name: 'presage_admission_connections_refused_total',
    help: 'Connections closed unheard: too many at once, or too many requests sent ahead on one.',
    registers,
    collect() {
      this.reset();
      this.inc(figures.connectionsRefused());
    },
  });
}
