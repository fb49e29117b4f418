import type { Stored } from "./stored.ts";

/** The objects of one resource, readable by key and in key order (namespace, then name). */
export class Bucket {
  readonly #byKey = new Map<string, Stored>();
  /** All keys, sorted; kept so by insertion, which moves pointers only. */
  readonly #keys: string[] = [];

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Stored | undefined {
    return this.#byKey.get(key);
  }

  set(key: string, stored: Stored): void {
    if (!this.#byKey.has(key)) this.#keys.splice(this.#position(key), 0, key);
    this.#byKey.set(key, stored);
  }

  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#keys.splice(this.#position(key), 1);
  }

  entries(): IterableIterator<[string, Stored]> {
    return this.#byKey.entries();
  }

  /**
   * States in key order.
   *
   * @param namespace - only this one; "" for all, and for cluster-scoped resources
   * @param after - start behind this key
   */
  *range(namespace: string, after = ""): Generator<[string, Stored]> {
    const prefix = namespace === "" ? "" : `${namespace}/`;
    const from = after > prefix ? after : prefix;
    let at = this.#position(from);
    if (after !== "" && this.#keys[at] === after) at++;
    for (; at < this.#keys.length; at++) {
      const key = this.#keys[at] as string;
      if (!key.startsWith(prefix)) return;
      yield [key, this.#byKey.get(key) as Stored];
    }
  }

  /** How many keys `range` would yield. */
  count(namespace: string, after = ""): number {
    const prefix = namespace === "" ? "" : `${namespace}/`;
    const from = after > prefix ? after : prefix;
    let start = this.#position(from);
    if (after !== "" && this.#keys[start] === after) start++;
    // "0" is the character behind "/": the first key that is no longer in the namespace.
    const end = namespace === "" ? this.#keys.length : this.#position(`${namespace}0`);
    return Math.max(0, end - start);
  }

  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
