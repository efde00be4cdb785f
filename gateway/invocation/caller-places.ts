import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { NAME } from '../../core/function/name-pattern';
import { addressBits, contains, parseNetwork, type Network } from '../../core/network/cidr';
import type { Place } from '../../core/network/latency-matrix';
import type { NetworkSettings } from '../../core/network/network-settings';
import { callerAddress } from '../api/caller-address';

/** From which region requests come: what a trusted caller says, else by their network, else the gateway's own. */
export class CallerPlaces {
  readonly #here: Place;
  readonly #trusted: readonly Network[];
  /** The narrowest first. */
  readonly #users: readonly { readonly network: Network; readonly place: Place }[];
  readonly #header: string;
  readonly #trust = new WeakMap<Socket, boolean>();
  readonly #places = new Map<string, Place>();

  constructor(settings: Pick<NetworkSettings, 'regionHeader' | 'trusted' | 'users'>, gatewayRegion: string) {
    this.#here = this.#placeIn(gatewayRegion);
    this.#header = settings.regionHeader;
    this.#trusted = settings.trusted.flatMap((cidr) => parseNetwork(cidr) ?? []);
    this.#users = settings.users
      .flatMap(({ cidr, region }) => {
        const network = parseNetwork(cidr);
        return network ? [{ network, place: this.#placeIn(region) }] : [];
      })
      .sort((a, b) => b.network.length - a.network.length);
  }

  of(request: Pick<IncomingMessage, 'headers' | 'socket'>): Place {
    const said = this.#header === '' ? undefined : request.headers[this.#header];
    if (typeof said === 'string' && NAME.test(said) && this.#trusts(request.socket)) return this.#placeIn(said);
    return this.#users.length === 0 ? this.#here : this.#byAddress(callerAddress(request));
  }

  #byAddress(address: string): Place {
    const bits = addressBits(address);
    if (bits === undefined) return this.#here;
    return this.#users.find(({ network }) => contains(network, bits))?.place ?? this.#here;
  }

  #trusts(socket: Socket): boolean {
    let trusted = this.#trust.get(socket);
    if (trusted === undefined) {
      const bits = addressBits(socket.remoteAddress ?? '');
      trusted = bits !== undefined && this.#trusted.some((network) => contains(network, bits));
      this.#trust.set(socket, trusted);
    }
    return trusted;
  }

  /** One object for each region: a trusted caller may name any, so there is a bound. */
  #placeIn(region: string): Place {
    const known = this.#places.get(region);
    if (known) return known;
    const place = { region };
    if (this.#places.size < 1_000) this.#places.set(region, place);
    return place;
  }
}
