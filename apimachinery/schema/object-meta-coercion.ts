// JSON -> metav1.ObjectMeta: which fields there are, of which types, and what decoding says of others. The texts are
// those of Go's decoder, because a client sees them: 400 `json: cannot unmarshal number into Go struct field ...`.

import { getOwn, isObject, setOwn } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { parseGoTime } from "./go-time.ts";
import { isInt64 } from "./validation/number-checks.ts";

/** Metadata in its stored form, with the paths of unknown fields; or why it cannot be decoded. */
export type ReadMeta = { readonly meta: JsonObject; readonly unknown: string[] } | { readonly error: string };

interface FieldType {
  /** What Go calls the type in errors. */
  readonly go: string;
  readonly kind: "string" | "int64" | "bool" | "time" | "raw" | "map" | "list" | "struct";
  readonly item?: FieldType;
  readonly fields?: Readonly<Record<string, FieldType>>;
  /** Name of the struct in errors. */
  readonly struct?: string;
  /** Written even when empty. */
  readonly always?: boolean;
}

const ZERO_TIME = "0001-01-01T00:00:00Z";

const STRING: FieldType = { go: "string", kind: "string" };
const ALWAYS: FieldType = { go: "string", kind: "string", always: true };
const INT: FieldType = { go: "int64", kind: "int64" };
const BOOL: FieldType = { go: "bool", kind: "bool" };
const TIME: FieldType = { go: "v1.Time", kind: "time" };
const STRINGS: FieldType = { go: "map[string]string", kind: "map", item: STRING };
const UID: FieldType = { go: "types.UID", kind: "string" };

const OWNER: FieldType = {
  go: "v1.OwnerReference",
  kind: "struct",
  struct: "OwnerReference",
  fields: {
    apiVersion: ALWAYS,
    kind: ALWAYS,
    name: ALWAYS,
    uid: { go: "types.UID", kind: "string", always: true },
    controller: BOOL,
    blockOwnerDeletion: BOOL,
  },
};

const MANAGED: FieldType = {
  go: "v1.ManagedFieldsEntry",
  kind: "struct",
  struct: "ManagedFieldsEntry",
  fields: {
    manager: STRING,
    operation: { go: "v1.ManagedFieldsOperationType", kind: "string" },
    apiVersion: STRING,
    time: TIME,
    fieldsType: STRING,
    fieldsV1: { go: "v1.FieldsV1", kind: "raw" },
    subresource: STRING,
  },
};

const OBJECT_META: FieldType = {
  go: "v1.ObjectMeta",
  kind: "struct",
  struct: "ObjectMeta",
  fields: {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    selfLink: STRING,
    uid: UID,
    resourceVersion: STRING,
    generation: INT,
    creationTimestamp: TIME,
    deletionTimestamp: TIME,
    deletionGracePeriodSeconds: INT,
    labels: STRINGS,
    annotations: STRINGS,
    ownerReferences: { go: "[]v1.OwnerReference", kind: "list", item: OWNER },
    finalizers: { go: "[]string", kind: "list", item: STRING },
    managedFields: { go: "[]v1.ManagedFieldsEntry", kind: "list", item: MANAGED },
  },
};

/**
 * Reads metadata of any JSON shape.
 *
 * Fields come out as the server stores them: unknown ones dropped, empty strings, lists and maps and nulls left out,
 * times in seconds and UTC. The input is not changed.
 */
export function readObjectMeta(metadata: Json): ReadMeta {
  const reader = new MetaReader();
  try {
    const meta = reader.read(metadata, OBJECT_META, NOWHERE);
    return reader.error === undefined
      ? { meta: isObject(meta) ? meta : {}, unknown: reader.unknown }
      : { error: reader.error };
  } catch (error) {
    if (error instanceof Unreadable) return { error: reader.error ?? error.message };
    throw error;
  }
}

/** Where a value stands: the innermost struct and the names of fields down to it, as errors show them. */
interface Place {
  readonly struct: string;
  readonly names: string;
  readonly path: string;
}

const NOWHERE: Place = { struct: "", names: "", path: "" };

/** Thrown for errors after which the original reads no further. */
class Unreadable extends Error {}

class MetaReader {
  /** The first error; a wrong type does not end the reading. */
  error: string | undefined;
  readonly unknown: string[] = [];

  /** The value in stored form; undefined if it is to be left out. */
  read(value: Json, type: FieldType, place: Place): Json | undefined {
    if (type.kind === "time") return this.#time(value, place);
    if (type.kind === "raw") return value === null ? undefined : value;
    if (value === null) return type.always === true ? "" : undefined;
    switch (type.kind) {
      case "string":
        if (typeof value !== "string") return this.#mismatch(value, type, place);
        return value === "" && type.always !== true ? undefined : value;
      case "bool":
        return typeof value === "boolean" ? value : this.#mismatch(value, type, place);
      case "int64":
        return typeof value === "number" && isInt64(value) ? value : this.#mismatch(value, type, place);
      case "map":
        return isObject(value) ? this.#map(value, type.item as FieldType, place) : this.#mismatch(value, type, place);
      case "list":
        return Array.isArray(value)
          ? this.#list(value, type.item as FieldType, place)
          : this.#mismatch(value, type, place);
      default:
        return isObject(value) ? this.#struct(value, type, place) : this.#mismatch(value, type, place);
    }
  }

  #map(value: JsonObject, item: FieldType, place: Place): JsonObject | undefined {
    const out: JsonObject = {};
    for (const key of Object.keys(value)) {
      const read = this.read(value[key] as Json, { ...item, always: true }, place);
      if (read !== undefined) setOwn(out, key, read);
    }
    return Object.keys(out).length === 0 ? undefined : out;
  }

  #list(value: readonly Json[], item: FieldType, place: Place): Json[] | undefined {
    if (value.length === 0) return undefined;
    return value.map((entry, index) => {
      const at = { ...place, path: `${place.path}[${index}]` };
      const type = item.kind === "string" ? { ...item, always: true } : item;
      return this.read(entry === null && item.kind === "struct" ? {} : entry, type, at) ?? {};
    });
  }

  #struct(value: JsonObject, type: FieldType, place: Place): JsonObject {
    const fields = type.fields as Readonly<Record<string, FieldType>>;
    const out: JsonObject = {};
    const read = new Map<string, Json>();
    for (const key of Object.keys(value)) {
      const field = getOwn(fields, key);
      const path = place.path === "" ? key : `${place.path}.${key}`;
      if (field === undefined) {
        this.unknown.push(path);
        continue;
      }
      const names = place.names === "" ? key : `${place.names}.${key}`;
      const result = this.read(value[key] as Json, field, { struct: type.struct as string, names, path });
      if (result !== undefined && !(key === "generation" && result === 0)) read.set(key, result);
    }
    for (const key of Object.keys(fields)) {
      const found = read.get(key) ?? ((fields[key] as FieldType).always === true ? "" : undefined);
      if (found !== undefined) out[key] = found;
    }
    return out;
  }

  /** The zero time is left out. */
  #time(value: Json, place: Place): Json | undefined {
    if (value === null) return undefined;
    if (typeof value !== "string") return this.#mismatch(value, STRING, place);
    const parsed = parseGoTime(value);
    if ("error" in parsed) throw new Unreadable(parsed.error);
    return parsed.text === ZERO_TIME ? undefined : parsed.text;
  }

  #mismatch(value: Json, type: FieldType, place: Place): undefined {
    const number = type.kind === "int64" && typeof value === "number" ? `number ${String(value)}` : describe(value);
    const where = place.struct === "" ? "value" : `struct field ${place.struct}.${place.names}`;
    this.error ??= `json: cannot unmarshal ${number} into Go ${where} of type ${type.go}`;
    return undefined;
  }
}

function describe(value: Json): string {
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "array" : typeof value;
}
