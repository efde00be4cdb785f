import type { Logger } from 'pino';
import type { ImageStore } from '../../../drivers/image-store/image-store';
import type { ForecastModelRecord } from '../../../drivers/store/forecast-store';
import type { Store } from '../../../drivers/store/store';
import { forecastRound, Slices } from './forecast-round';
import { ModelShelf } from './model-shelf';
import { TrackedFunction } from './tracked-function';

const MINUTE_MS = 60_000;
const DAY = 1_440;
const HOUR = 60;
/** Counts of a minute are committed within a second or two of its end. */
const AFTER_MINUTE_MS = 4_000;
/** What comes late, from a gateway's spool, corrects the last minutes. */
const CORRECTED_MINUTES = 5;
/** A function that nobody has called for so long is not forecast. */
const FORGOTTEN_MINUTES = 7 * DAY;
/** Of the past, as much as a forecast looks at. */
const HISTORY_MINUTES = 14 * DAY;
/** Functions whose past is read in one go. */
const READ_AT_ONCE = 50;
/** Seconds of each minute in which functions are taken up or get new models; those left over wait for the next minute. */
const TAKE_UP_SECONDS = 20;
/** A function that cannot be forecast must not be trained for ever. */
const DRIFT_PAUSE_MS = 6 * 3_600_000;

export interface ForecastServiceOptions {
  readonly store: Store;
  readonly images: Pick<ImageStore, 'open'>;
  readonly log: Logger;
  readonly now: () => Date;
  /** Starts a training of one function. A second start while one runs is none. */
  readonly retrain: (tenant: string, name: string) => Promise<void>;
}

interface FunctionName {
  readonly tenant: string;
  readonly name: string;
}

/**
 * Forecasts all functions that are in use, each minute. It is no workflow: a forecast is worthless a minute later, so that there
 * is nothing to make durable, and a workflow with its history would cost more than the forecast. What must last is in the
 * store: a service that begins anew reads the past, the models and its own last forecasts, and goes on.
 */
export class ForecastService {
  readonly #shelf: ModelShelf;
  readonly #tracked = new Map<string, TrackedFunction>();
  #names = new Map<string, FunctionName>();
  #namesKnown = false;
  /** End of the last minute that was taken in; null before the first. */
  #end: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #minute: Promise<void> | undefined;
  #unsubscribe: (() => Promise<void>) | undefined;
  #stopped = false;

  constructor(private readonly options: ForecastServiceOptions) {
    this.#shelf = new ModelShelf(options);
  }

  /** Functions that are forecast. */
  get size(): number {
    return this.#tracked.size;
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.options.store.subscribe('routes', () => (this.#namesKnown = false));
    this.#next(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#unsubscribe?.();
  }

  #next(wait: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#once();
    }, wait);
  }

  async #once(): Promise<void> {
    try {
      await this.minute();
    } catch (error) {
      this.options.log.warn({ err: error }, 'A minute could not be forecast; the next takes in what it missed');
    }
    const now = this.options.now().getTime();
    this.#next(MINUTE_MS - ((now - AFTER_MINUTE_MS) % MINUTE_MS));
  }

  /** Takes in what came up to the minute that began last, and forecasts from it on. Who comes meanwhile waits for the same. */
  minute(): Promise<void> {
    return (this.#minute ??= this.#forecastMinute().finally(() => (this.#minute = undefined)));
  }

  async #forecastMinute(): Promise<void> {
    const { store } = this.options;
    const end = Math.floor(this.options.now().getTime() / MINUTE_MS);
    if (this.#end !== null && end <= this.#end) return;
    await this.#knowNames();
    await this.#takeIn(end);
    await this.#takeUpModels();
    const ready = [...this.#tracked.values()].filter(({ shelved }) => shelved !== null);
    const { made, drifted, seconds } = await forecastRound(ready);
    // Every control worker forecasts, so that none is missed; what was made of it is one's.
    const own = new Set(await store.writeForecasts(made));
    if (own.size > 0) await store.addForecastFigures({ forecasts: own.size, forecastSeconds: seconds });
    this.#end = end;
    for (const functionId of drifted) await this.#retrain(functionId, own.has(functionId));
    if (end % HOUR === 0) this.#letGo();
  }

  async #knowNames(): Promise<void> {
    if (this.#namesKnown) return;
    // Before the read: what changes during it is read again.
    this.#namesKnown = true;
    try {
      const { functions } = await this.options.store.routes();
      this.#names = new Map(functions.map(({ functionId, tenant, name }) => [functionId, { tenant, name }]));
    } catch (error) {
      this.#namesKnown = false;
      throw error;
    }
    for (const functionId of this.#tracked.keys()) if (!this.#names.has(functionId)) this.#tracked.delete(functionId);
  }

  async #takeIn(end: number): Promise<void> {
    const known = this.#end;
    if (known === null || end - known > HOUR) {
      // At the start, and after a long sleep: everything anew.
      this.#tracked.clear();
      await this.#track([...this.#names.keys()], end);
      return;
    }
    const from = known - CORRECTED_MINUTES;
    const counts = await this.options.store.minuteCounts({ from: timeOf(from), to: timeOf(end) });
    for (const tracked of this.#tracked.values()) tracked.advance(end);
    const unknown = new Set<string>();
    for (const { functionId, minute, total } of counts) {
      const tracked = this.#tracked.get(functionId);
      if (tracked) tracked.set(minute.getTime() / MINUTE_MS, total);
      else if (this.#names.has(functionId)) unknown.add(functionId);
    }
    const imported = await this.options.store.importedSince(timeOf(from));
    await this.#track([...unknown, ...imported.filter((functionId) => this.#names.has(functionId))], end);
  }

  /** Reads the past of functions, and tracks those that were in use of late. */
  async #track(functionIds: readonly string[], end: number): Promise<void> {
    const { store } = this.options;
    for (let at = 0; at < functionIds.length; at += READ_AT_ONCE) {
      const batch = functionIds.slice(at, at + READ_AT_ONCE);
      const span = { from: timeOf(end - HISTORY_MINUTES), to: timeOf(end) };
      for (const { functionId, from, counts } of await store.functionHistory({ functionIds: batch, ...span })) {
        const tracked = new TrackedFunction(functionId, from.getTime() / MINUTE_MS, counts);
        if (tracked.sum(FORGOTTEN_MINUTES) === 0) continue;
        const since = timeOf(end - 2 * HOUR);
        tracked.remember(await store.forecasts({ functionId, from: since, to: timeOf(end) }));
        this.#tracked.set(functionId, tracked);
      }
    }
  }

  /** Gives functions the models that are deployed now, those first that have none yet. */
  async #takeUpModels(): Promise<void> {
    const deployed = new Map<string | null, ForecastModelRecord>();
    for (const model of await this.options.store.currentForecastModels('deployed'))
      deployed.set(model.functionId, model);
    const network = deployed.get(null) ?? null;
    const wanted = (id: string): string | null => deployed.get(id)?.id ?? network?.id ?? null;
    const waiting = [...this.#tracked.values()]
      .filter(({ shelved, functionId }) => shelved === null || shelved.source !== wanted(functionId))
      .sort((a, b) => Number(a.shelved !== null) - Number(b.shelved !== null));
    const slices = new Slices();
    for (const tracked of waiting) {
      if (slices.seconds > TAKE_UP_SECONDS || this.#stopped) break;
      tracked.use(await this.#shelf.load(deployed.get(tracked.functionId) ?? null, network));
      await slices.breathe();
    }
    const inUse = [...this.#tracked.values()].flatMap(({ shelved }) => (shelved?.network ? [shelved.network] : []));
    this.#shelf.keepOnly(new Set(inUse));
  }

  /** A second start of a training is none. @param tell that it begins: one worker does */
  async #retrain(functionId: string, tell: boolean): Promise<void> {
    const { store, log, now, retrain } = this.options;
    const fn = this.#names.get(functionId);
    if (!fn) return;
    const { items } = await store.forecastModels({ functionId, limit: 1 });
    const [newest] = items;
    if (newest && now().getTime() - newest.createdAt.getTime() < DRIFT_PAUSE_MS) return;
    const { tenant, name } = fn;
    try {
      await retrain(tenant, name);
    } catch (error) {
      log.warn({ err: error, tenant, function: name }, 'A training for drift could not be started');
      return;
    }
    if (!tell) return;
    log.info(
      { event: 'forecast.drift', tenant, function: name },
      'The error was above its band for an hour: training anew',
    );
    const data = { model: this.#tracked.get(functionId)?.shelved?.id ?? null };
    await store.writeEvents([{ at: now(), tenant, type: 'forecast.drift', function: name, node: null, data }]);
    await store.addForecastFigures({ driftRetrains: 1 });
  }

  #letGo(): void {
    for (const [functionId, tracked] of this.#tracked) {
      if (tracked.sum(FORGOTTEN_MINUTES) === 0) this.#tracked.delete(functionId);
    }
  }
}

function timeOf(minute: number): Date {
  return new Date(minute * MINUTE_MS);
}
