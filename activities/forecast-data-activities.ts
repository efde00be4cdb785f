import { createHash } from 'node:crypto';
import { PlatformError } from '../core/error/platform-error';
import { encodeHistories, type NamedHistory } from '../core/forecast/history-codec';
import { writeArtefact } from '../drivers/image-store/read-artefact';
import type { ActivityDependencies } from './dependencies';
import { TrainingArtefacts } from './training-artefacts';

/** Functions of one shard: what one child workflow fits, and one activity holds in memory. */
const SHARD_FUNCTIONS = 100;
/** Functions that the network learns from at most: they are spread over shards by chance, and more teach little that is new. */
const SAMPLE_FUNCTIONS = 200;
/** A function with less of a past is forecast by the network alone. */
const FEWEST_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A few functions' past, as one artefact. */
export interface HistoryShard {
  readonly dataset: string;
  /** Those whose past is not the one they were last trained on. */
  readonly changed: number;
}

/** What a retraining works on. Nothing large: this passes through the workflow's history. */
export interface CollectedHistories {
  readonly shards: readonly HistoryShard[];
  /** Functions left out: with less than a day of past, without any request, and those whose past is the same as before. */
  readonly young: number;
  readonly idle: number;
  readonly unchanged: number;
  /** Passes over the data that the network needs. */
  readonly epochs: number;
  /** The network that forecasts now. */
  readonly deployedNetwork: string | null;
}

interface CollectInput {
  readonly run: string;
  readonly tenant?: string | undefined;
  readonly functions?: readonly string[] | undefined;
  readonly force: boolean;
  readonly days: number;
  /** Also functions without anything new, as many as the network learns from. */
  readonly sample: boolean;
}

/** Collects what models are trained on. */
export function forecastDataActivities({ store, images, trainer, now }: ActivityDependencies) {
  const artefacts = new TrainingArtefacts({ store, images });

  return {
    /** @throws PlatformError not_found with the names of all functions that are not there */
    async collectHistories(input: CollectInput): Promise<CollectedHistories> {
      // A repeated collection would see other minutes, and what was trained on the first would not fit it.
      return artefacts.valueOnce(input.run, 'collect', () => collect(input));
    },
  };

  async function collect(input: CollectInput): Promise<CollectedHistories> {
    const named = await wantedFunctions(input);
    const end = new Date(Math.floor(now() / MINUTE_MS) * MINUTE_MS);
    const newest = new Map((await store.currentForecastModels('newest')).map((model) => [model.functionId, model]));
    const deployed = await store.currentForecastModels('deployed');
    const left = { young: 0, idle: 0, unchanged: 0 };
    const shards = new ShardWriter(images);
    for (let at = 0; at < named.length; at += SHARD_FUNCTIONS) {
      for (const history of await pastOf(named.slice(at, at + SHARD_FUNCTIONS), input.days, end)) {
        if (history === null) left.idle++;
        else if (history.counts.length < FEWEST_MINUTES) left.young++;
        else {
          const changed = input.force || newest.get(history.functionId)?.dataDigest !== dataDigest(history);
          if (!changed) left.unchanged++;
          // The network learns from all functions, and must not forget those that rest.
          if (changed || (input.sample && shards.functions < SAMPLE_FUNCTIONS)) await shards.add(history, changed);
        }
      }
    }
    const deployedNetwork = deployed.find((model) => model.functionId === null)?.id ?? null;
    return { ...left, shards: await shards.done(), epochs: trainer.epochs, deployedNetwork };
  }

  /** Whole days, so that a function without a new request has the same past an hour later. */
  async function pastOf(
    functions: readonly { readonly functionId: string; readonly tenant: string; readonly name: string }[],
    days: number,
    end: Date,
  ): Promise<(NamedHistory | null)[]> {
    const from = new Date(Math.floor((end.getTime() - days * DAY_MS) / DAY_MS) * DAY_MS);
    const ids = functions.map(({ functionId }) => functionId);
    const pasts = await store.functionHistory({ functionIds: ids, from, to: end });
    return functions.map(({ functionId, tenant, name }) =>
      trimmed(
        { functionId, tenant, function: name },
        pasts.find((past) => past.functionId === functionId)?.counts,
        end,
      ),
    );
  }

  /** Spread by a hash of their ids, so that the first shards are a sample of all functions. */
  async function wantedFunctions(input: { tenant?: string | undefined; functions?: readonly string[] | undefined }) {
    const tenant = input.tenant ?? (input.functions ? 'default' : undefined);
    const all = (await store.routes()).functions.filter((fn) => tenant === undefined || fn.tenant === tenant);
    const missing = (input.functions ?? []).filter((name) => !all.some((fn) => fn.name === name));
    if (missing.length > 0) {
      throw new PlatformError('not_found', `The tenant ${tenant} has no function ${missing.join(', ')}`);
    }
    const spread = (id: string): string => createHash('sha256').update(id).digest('hex');
    return all
      .filter((fn) => input.functions?.includes(fn.name) ?? true)
      .map((fn) => ({ ...fn, order: spread(fn.functionId) }))
      .sort((a, b) => (a.order < b.order ? -1 : 1));
  }
}

/** Histories on their way into artefacts of some hundred functions each. */
class ShardWriter {
  functions = 0;
  readonly #shards: HistoryShard[] = [];
  #open: NamedHistory[] = [];
  #changed = 0;

  constructor(private readonly images: ActivityDependencies['images']) {}

  async add(history: NamedHistory, changed: boolean): Promise<void> {
    this.functions++;
    this.#open.push(history);
    if (changed) this.#changed++;
    if (this.#open.length === SHARD_FUNCTIONS) await this.#close();
  }

  async done(): Promise<HistoryShard[]> {
    if (this.#open.length > 0) await this.#close();
    return this.#shards;
  }

  async #close(): Promise<void> {
    const dataset = await writeArtefact(this.images, encodeHistories(this.#open));
    this.#shards.push({ dataset, changed: this.#changed });
    this.#open = [];
    this.#changed = 0;
  }
}

/** From the day of its first request on; null where there was none. */
function trimmed(
  names: Pick<NamedHistory, 'functionId' | 'tenant' | 'function'>,
  counts: Float64Array | undefined,
  end: Date,
): NamedHistory | null {
  const first = counts?.findIndex((count) => count > 0) ?? -1;
  if (!counts || first < 0) return null;
  return {
    ...names,
    firstMinute: end.getTime() / MINUTE_MS - counts.length + first,
    counts: counts.slice(first),
  };
}

/** Of the minutes with requests: the empty ones behind the last, which come by themselves, are no change. */
export function dataDigest(history: NamedHistory): string {
  const last = history.counts.findLastIndex((count) => count > 0);
  const bytes = encodeHistories([{ ...history, counts: history.counts.slice(0, last + 1) }]);
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
