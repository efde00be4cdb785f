import type { Name } from './block-form';

/** Values that are searched one by one; past so many a map finds them. */
const FEW = 8;

/** The values of one field, each kept once. */
export class NameList {
  values: Name[] = [];
  #places: Map<Name, number> | undefined;
  #last: Name | undefined;
  #lastPlace = 0;

  /** The place of a value, from now on at the latest. */
  placeOf(value: Name): number {
    // Mostly it is what the call before had: no look-up is cheaper.
    if (value === this.#last) return this.#lastPlace;
    this.#last = value;
    return (this.#lastPlace = this.#known(value) ?? this.#add(value));
  }

  clear(): void {
    this.values = [];
    this.#places = undefined;
    this.#last = undefined;
  }

  #known(value: Name): number | undefined {
    if (this.#places) return this.#places.get(value);
    const place = this.values.indexOf(value);
    return place === -1 ? undefined : place;
  }

  #add(value: Name): number {
    const place = this.values.push(value) - 1;
    if (place === FEW) this.#places = new Map(this.values.map((known, index) => [known, index]));
    else this.#places?.set(value, place);
    return place;
  }
}
