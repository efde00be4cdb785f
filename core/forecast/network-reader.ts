import type { ArModel } from './ar-model';
import { expertPool } from './expert-pool';
import { HORIZON, type FunctionHistory } from './forecast';
import { HybridNetwork, type HybridInput } from './lstm/hybrid-network';
import type { Member } from './member';
import type { NetworkModel } from './network-model';
import type { PoolView } from './pool-view';
import { emptyInput, writeWindow } from './window-input';

const readers = new WeakMap<NetworkModel, NetworkReader>();

/** The one reader of a network: its arrays serve all functions, one after the other. */
export function readerOf(network: NetworkModel): NetworkReader {
  const reader = readers.get(network) ?? new NetworkReader(network);
  readers.set(network, reader);
  return reader;
}

/** Asks the network about one window of one function. */
class NetworkReader {
  readonly #network: HybridNetwork;
  readonly #input: HybridInput;
  readonly #gated: readonly number[];

  constructor(private readonly model: NetworkModel) {
    this.#network = new HybridNetwork(model.shape, 1);
    this.#input = emptyInput(model.shape, 1);
    this.#gated = placesOf(model.gated, expertPool(null));
  }

  /** Expected requests in each of the next minutes: finite, not negative, near what one of the members says. */
  read(history: FunctionHistory, origin: number, view: PoolView, arima: ArModel | null): Float64Array {
    const { shape, features, parameters } = this.model;
    const source = { history, origin, view, gated: this.#gated, arima, features };
    const scale = writeWindow(source, shape, this.#input, 1, 0);
    const output = this.#network.forward(parameters, this.#input);
    return Float64Array.from({ length: HORIZON }, (_, step) => {
      const value = (output[step] as number) * scale;
      return Number.isFinite(value) ? Math.max(0, value) : (view.mean[step] as number);
    });
  }
}

/** Where members stand in a pool. @throws RangeError for a name that is not in it */
export function placesOf(names: readonly string[], members: readonly Member[]): number[] {
  return names.map((name) => {
    const place = members.findIndex((member) => member.name === name);
    if (place < 0) throw new RangeError(`The network wants a member "${name}", which this pool does not have`);
    return place;
  });
}
