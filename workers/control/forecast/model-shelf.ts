import type { Logger } from 'pino';
import { isPlatformError } from '../../../core/error/platform-error';
import { decodeFunctionModel, type FunctionModel } from '../../../core/forecast/function-model';
import { decodeNetwork, type NetworkModel } from '../../../core/forecast/network-model';
import type { ImageStore } from '../../../drivers/image-store/image-store';
import { readArtefact } from '../../../drivers/image-store/read-artefact';
import type { ForecastModelRecord } from '../../../drivers/store/forecast-store';
import type { Store } from '../../../drivers/store/store';

/** A model with the network that it was validated with. */
export interface ShelvedModel {
  /** Null: the network alone. */
  readonly id: string | null;
  readonly model: FunctionModel | null;
  readonly network: NetworkModel | null;
  /** Measures on its holdout. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Id of the model, or of the network where there is no model: what is served changes when this does. */
  readonly source: string | null;
}

/** Nothing was trained yet. */
const NOTHING: ShelvedModel = { id: null, model: null, network: null, metrics: {}, source: null };
/** Earlier models that are tried when one cannot be read. */
const TRIED_BACK = 50;

export interface ModelShelfOptions {
  readonly store: Store;
  readonly images: Pick<ImageStore, 'open'>;
  readonly log: Logger;
  readonly now: () => Date;
}

/**
 * Takes models out of their artefacts. One that is missing or corrupt is refused, marked, and told of; the newest of the
 * function's earlier models that can be read takes its place.
 */
export class ModelShelf {
  /** By digest: a network serves all functions. Two are enough but while functions move from one to the next. */
  readonly #networks = new Map<string, NetworkModel>();

  constructor(private readonly options: ModelShelfOptions) {}

  /** @param record the model that the function is to be forecast with; null for none @param network what serves then */
  async load(record: ForecastModelRecord | null, network: ForecastModelRecord | null): Promise<ShelvedModel> {
    const tried = record ? [record, ...(await this.#earlier(record))] : [];
    for (const candidate of tried) {
      const found = await this.#read(candidate);
      if (!found) continue;
      if (candidate !== record) await this.#putBack(candidate);
      return found;
    }
    for (const candidate of network ? [network, ...(await this.#earlier(network))] : []) {
      const found = await this.#readNetwork(candidate.id, candidate);
      if (!found) continue;
      if (candidate !== network) await this.#putBack(candidate);
      return { ...NOTHING, network: found, source: candidate.id };
    }
    return NOTHING;
  }

  /** Forgets networks that no function uses any more. */
  keepOnly(inUse: ReadonlySet<NetworkModel>): void {
    for (const [id, network] of this.#networks) if (!inUse.has(network)) this.#networks.delete(id);
  }

  async #read(record: ForecastModelRecord): Promise<ShelvedModel | null> {
    const { id, network: networkId, metrics } = record;
    const model = await this.#decoded(record, id, decodeFunctionModel);
    if (!model) return null;
    const network = networkId === null ? null : await this.#readNetwork(networkId, record);
    return networkId !== null && !network ? null : { id, model, network, metrics, source: id };
  }

  async #readNetwork(id: string, owner: ForecastModelRecord): Promise<NetworkModel | null> {
    const known = this.#networks.get(id);
    if (known) return known;
    const network = await this.#decoded(owner, id, decodeNetwork);
    if (network) this.#networks.set(id, network);
    return network;
  }

  async #decoded<T>(owner: ForecastModelRecord, id: string, decode: (bytes: Uint8Array) => T): Promise<T | null> {
    try {
      return decode(await readArtefact(this.options.images, id));
    } catch (error) {
      if (!isPlatformError(error) || !['artefact_refused', 'invalid_argument'].includes(error.code)) throw error;
      await this.#refuse(owner, id, error.message);
      return null;
    }
  }

  async #refuse({ functionId, id, tenant, function: name }: ForecastModelRecord, artefact: string, reason: string) {
    const { store, log, now } = this.options;
    log.error({ event: 'forecast.corrupt', tenant, function: name, model: id, artefact, reason }, 'A forecast model is refused'); // prettier-ignore
    await store.markForecastModel(functionId, id, 'corrupt', reason);
    await store.addForecastFigures({ corruptModels: 1 });
    const data = { model: id, artefact, reason };
    await store.writeEvents([{ at: now(), tenant, type: 'forecast.corrupt', function: name, node: null, data }]);
  }

  async #earlier({ functionId, id }: ForecastModelRecord): Promise<readonly ForecastModelRecord[]> {
    const page = await this.options.store.forecastModels({ functionId, states: ['superseded'], limit: TRIED_BACK });
    return page.items.filter((model) => model.id !== id);
  }

  async #putBack({ functionId, id }: ForecastModelRecord): Promise<void> {
    const reason = 'the one after it could not be read';
    await this.options.store.deployForecastModel({ functionId, id, reason }).catch((error: unknown) => {
      // A person or a training has deployed another meanwhile; the next minute takes that.
      if (!isPlatformError(error) || !['precondition_failed', 'conflict'].includes(error.code)) throw error;
    });
  }
}
