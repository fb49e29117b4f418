// The table of built-in types (types.generated.json): JSON names, protobuf numbers, list types and merge keys of the Kubernetes API.
import table from "./types.generated.json" with { type: "json" };

export interface FieldOptions {
  readonly required?: boolean;
  /** The fields of this type stand in the parent object itself. */
  readonly inline?: boolean;
  /** The original holds a pointer: an explicit zero value is kept, an absent one stays absent. */
  readonly pointer?: boolean;
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  readonly mapType?: "atomic";
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  /** Name of a value set in {@link enumValues}. */
  readonly enum?: string;
}

export interface Field {
  readonly name: string;
  /** Field number of the protobuf encoding; 0 where the type has none. */
  readonly number: number;
  /** A scalar word, `[]T`, `{}T` (map with string keys) or the key of another type: `core/v1.PodSpec`. */
  readonly type: string;
  readonly options: FieldOptions;
}

type Row = readonly [string, number, string, FieldOptions?];
const rows = table.types as unknown as Readonly<Record<string, readonly Row[]>>;
const enums = table.enums as Readonly<Record<string, readonly string[]>>;
const atomic: ReadonlySet<string> = new Set(table.atomic);
const cache = new Map<string, readonly Field[]>();
const NO_OPTIONS: FieldOptions = {};

/** The Kubernetes release the table was made from, `v1.34.4` as `v0.34.4` of its modules. */
export const TABLE_RELEASE: string = table.kubernetes;

/** The fields of a type as they are declared (inlined types still as one field); undefined for an unknown key. */
export function fieldsOf(key: string): readonly Field[] | undefined {
  let fields = cache.get(key);
  if (fields !== undefined) return fields;
  const found = Object.hasOwn(rows, key) ? rows[key] : undefined;
  if (found === undefined) return undefined;
  fields = found.map(([name, number, type, options]) => ({ name, number, type, options: options ?? NO_OPTIONS }));
  cache.set(key, fields);
  return fields;
}

/** True when server-side apply treats values of the type as one unit. */
export function isAtomicType(key: string): boolean {
  return atomic.has(key);
}

/** The values an enumerated string may have; undefined for an unknown name. */
export function enumValues(name: string): readonly string[] | undefined {
  return Object.hasOwn(enums, name) ? enums[name] : undefined;
}
