// Values of CEL in JavaScript: int is bigint, double is number, bytes is Uint8Array, null, bool and string are
// themselves; all else is one of the classes here. Errors are values too, since `||`, `&&` and loops may absorb them.

import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  LIST_OF_DYN,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  typeOfType,
  UINT,
} from "./cel-types.ts";

/** An error while evaluating. */
export class CelError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export function celError(message: string): CelError {
  return new CelError(message);
}

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970-01-01T00:00:00Z. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A type as a value: `int`, `type(x)`. */
export class TypeValue {
  readonly type: CelType;
  constructor(type: CelType) {
    this.type = type;
  }
}

export class Optional {
  readonly value: unknown;
  readonly hasValue: boolean;
  constructor(hasValue: boolean, value: unknown) {
    this.hasValue = hasValue;
    this.value = value;
  }
  static readonly NONE = new Optional(false, null);
  static of(value: unknown): Optional {
    return new Optional(true, value);
  }
}

/** Values of the libraries: quantities, addresses, versions. */
export abstract class Opaque {
  abstract readonly celType: CelType;
  abstract equals(other: unknown): boolean;
  /** What `string(x)` gives, where that is defined. */
  text(): string | undefined {
    return undefined;
  }
  /** What it counts for where cost depends on size. */
  get size(): number {
    return 1;
  }
}

/** A list; may make its elements when they are asked for. */
export abstract class CelList {
  abstract readonly size: number;
  /** @param index - within the list */
  abstract at(index: number): unknown;
  /** `this + other`; undefined where plain concatenation is meant. */
  concat(_other: CelList): CelList | CelError | undefined {
    return undefined;
  }
  /** Equality of its own, without regard to order; undefined where elements are compared in order. */
  equalsUnordered(_other: CelList): boolean | undefined {
    return undefined;
  }
}

export class ArrayList extends CelList {
  readonly elements: unknown[];
  constructor(elements: unknown[]) {
    super();
    this.elements = elements;
  }
  get size(): number {
    return this.elements.length;
  }
  at(index: number): unknown {
    return this.elements[index];
  }
}

/** Two lists one after the other, not copied: doubling a list forty times must not take memory. */
export class ConcatList extends CelList {
  readonly size: number;
  readonly #first: CelList;
  readonly #second: CelList;
  constructor(first: CelList, second: CelList) {
    super();
    this.#first = first;
    this.#second = second;
    this.size = first.size + second.size;
  }
  at(index: number): unknown {
    return index < this.#first.size ? this.#first.at(index) : this.#second.at(index - this.#first.size);
  }
}

/** A map, or an object whose fields are its keys. */
export abstract class CelMap {
  abstract readonly size: number;
  /** The value, or undefined if there is no such key. */
  abstract get(key: unknown): unknown;
  abstract has(key: unknown): boolean;
  abstract keys(): unknown[];
  /** Objects have a type of their own. */
  get celType(): CelType {
    return mapOf(DYN, DYN);
  }
}

/** A map made by an expression. Keys that are equal numbers are one key, whatever their types. */
export class HashMap extends CelMap {
  readonly #entries = new Map<string | boolean, [unknown, unknown]>();
  get size(): number {
    return this.#entries.size;
  }
  get(key: unknown): unknown {
    const hashed = hashKey(key);
    return hashed === undefined ? undefined : this.#entries.get(hashed)?.[1];
  }
  has(key: unknown): boolean {
    const hashed = hashKey(key);
    return hashed !== undefined && this.#entries.has(hashed);
  }
  keys(): unknown[] {
    return Array.from(this.#entries.values(), (entry) => entry[0]);
  }
  /** @returns false if the key cannot be one */
  set(key: unknown, value: unknown): boolean {
    const hashed = hashKey(key);
    if (hashed === undefined) return false;
    this.#entries.set(hashed, [key, value]);
    return true;
  }
}

function hashKey(key: unknown): string | boolean | undefined {
  switch (typeof key) {
    case "string":
      return `s${key}`;
    case "boolean":
      return key;
    case "bigint":
      return `n${key}`;
    case "number":
      return Number.isInteger(key) ? `n${BigInt(key)}` : `n${key}`;
    default:
      return key instanceof Uint ? `n${key.value}` : undefined;
  }
}

/** The type of a value as far as it shows; elements of containers are dyn. */
export function typeOf(value: unknown): CelType {
  switch (typeof value) {
    case "string":
      return STRING;
    case "boolean":
      return BOOL;
    case "bigint":
      return INT;
    case "number":
      return DOUBLE;
    default:
  }
  if (value === null) return NULL;
  if (value instanceof CelMap) return value.celType;
  if (value instanceof CelList) return LIST_OF_DYN;
  if (value instanceof Uint) return UINT;
  if (value instanceof Timestamp) return TIMESTAMP;
  if (value instanceof Duration) return DURATION;
  if (value instanceof Uint8Array) return BYTES;
  if (value instanceof Optional) return optionalOf(DYN);
  if (value instanceof TypeValue) return typeOfType(DYN);
  if (value instanceof Opaque) return value.celType;
  return DYN;
}

/** The elements of a list in an array. */
export function elementsOf(list: CelList, meter: { work(steps: number): void }): readonly unknown[] {
  if (list instanceof ArrayList) return list.elements;
  meter.work(list.size);
  const elements: unknown[] = [];
  for (let i = 0; i < list.size; i++) elements.push(list.at(i));
  return elements;
}

/** Characters, that is code points, of a string. */
export function codePointLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next < 0xe000) {
        length--;
        i++;
      }
    }
  }
  return length;
}
