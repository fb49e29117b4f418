import { jsonEqual } from "../meta/json-equal.ts";
import { copyObject, getOwn, setOwn } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";

export type Container = Json[] | JsonObject;

/**
 * A document while it is patched: a container is copied when it is first written to and written in place from then on, so
 * that the original stays whole and ten thousand operations do not make ten thousand copies.
 */
export class PatchedDocument {
  root: Json;
  /** Containers made here; everything else belongs to the original document or to the patch. */
  readonly #own = new Set<Container>();
  /** Member counts of large objects that were asked for, kept current. */
  readonly #counts = new Map<JsonObject, number>();

  constructor(document: Json) {
    this.root = document;
  }

  /**
   * The container that holds what a pointer (RFC 6901) names, and the name in it. Undefined when a container on the way is
   * missing, or the pointer names the whole.
   *
   * @param forWriting - the container may be written to
   */
  locate(pointer: string, forWriting: boolean): { parent: Container; key: string } | undefined {
    const parts = pointer.split("/");
    if (parts.length < 2 || typeof this.root !== "object" || this.root === null) return undefined;
    if (forWriting) this.root = this.#owned(this.root);
    let at: Container = this.root;
    for (let i = 1; i < parts.length - 1; i++) {
      const step = this.#descend(at, decodePart(parts[i] as string), forWriting);
      if (step === undefined) return undefined;
      at = step;
    }
    return { parent: at, key: decodePart(parts[parts.length - 1] as string) };
  }

  #descend(at: Container, part: string, forWriting: boolean): Container | undefined {
    const key = Array.isArray(at) ? childIndex(part, at.length) : part;
    if (key === undefined) return undefined;
    const child = Array.isArray(at) ? at[key as number] : getOwn(at, key as string);
    if (typeof child !== "object" || child === null) return undefined;
    if (!forWriting || this.#own.has(child)) return child;
    const owned = this.#owned(child);
    if (Array.isArray(at)) at[key as number] = owned;
    else setOwn(at, key as string, owned);
    return owned;
  }

  #owned(container: Container): Container {
    if (this.#own.has(container)) return container;
    const copy = Array.isArray(container) ? [...container] : copyObject(container);
    this.#own.add(copy);
    return copy;
  }

  get(object: JsonObject, key: string): Json | undefined {
    return getOwn(object, key);
  }

  set(object: JsonObject, key: string, value: Json): void {
    const count = this.#counts.get(object);
    if (count !== undefined && !Object.hasOwn(object, key)) this.#counts.set(object, count + 1);
    setOwn(object, key, value);
  }

  /** False when there was no such member. */
  delete(object: JsonObject, key: string): boolean {
    if (!Object.hasOwn(object, key)) return false;
    const count = this.#counts.get(object);
    if (count !== undefined) this.#counts.set(object, count - 1);
    delete object[key];
    return true;
  }

  equals(present: Json, wanted: Json): boolean {
    return jsonEqual(present, wanted, (object) => this.#count(object));
  }

  #count(object: JsonObject): number {
    const known = this.#counts.get(object);
    if (known !== undefined) return known;
    const count = Object.keys(object).length;
    if (count > 64) this.#counts.set(object, count);
    return count;
  }

  /** A deep copy and about how many bytes of JSON it has. Stops early, with more than `budget` bytes, when it is larger. */
  clone(value: Json, budget: number): { value: Json; bytes: number } {
    const holder: Json[] = [null];
    const pending: [Json, Container, string | number][] = [[value, holder, 0]];
    let bytes = 0;
    for (let next = pending.pop(); next !== undefined && bytes <= budget; next = pending.pop()) {
      const [from, to, key] = next;
      const copy = this.#shell(from);
      if (Array.isArray(to)) to[key as number] = copy;
      else setOwn(to, key as string, copy);
      if (typeof from !== "object" || from === null) {
        bytes += typeof from === "string" ? from.length + 3 : String(from).length + 1;
      } else if (Array.isArray(from)) {
        bytes += 2;
        for (let i = from.length - 1; i >= 0; i--) pending.push([from[i] as Json, copy as Container, i]);
      } else {
        bytes += 2;
        for (const name of Object.keys(from)) {
          bytes += name.length + 3;
          setOwn(copy as JsonObject, name, null);
          pending.push([from[name] as Json, copy as Container, name]);
        }
      }
    }
    return { value: holder[0] as Json, bytes };
  }

  #shell(value: Json): Json {
    if (typeof value !== "object" || value === null) return value;
    const copy: Container = Array.isArray(value) ? new Array(value.length).fill(null) : {};
    this.#own.add(copy);
    return copy;
  }
}

function childIndex(part: string, length: number): number | undefined {
  if (!/^[+-]?[0-9]{1,15}$/.test(part)) return undefined;
  const index = Number(part);
  const counted = index < 0 ? index + length : index;
  return counted >= 0 && counted < length ? counted : undefined;
}

function decodePart(part: string): string {
  return part.includes("~") ? part.replace(/~[01]/g, (code) => (code === "~1" ? "/" : "~")) : part;
}
