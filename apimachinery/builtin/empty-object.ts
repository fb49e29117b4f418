// The zero value of a built-in kind as it encodes: what an object has before anybody set anything.
import type { Json, JsonObject, KubeObject } from "../meta/types.ts";
import { isAlwaysEncoded, zeroJson } from "./encoded-fields.ts";
import { type Field, fieldsOf } from "./type-table.ts";

/**
 * The zero value of a kind: empty structs, nulls for required lists, maps and pointers, zeros for required scalars.
 *
 * @param typeKey - as in the type table: `apps/v1.Deployment`
 * @throws TypeError for an unknown key
 */
export function emptyObject(typeKey: string, apiVersion: string, kind: string): KubeObject {
  return { apiVersion, kind, ...emptyStruct(typeKey) } as unknown as KubeObject;
}

/** The zero value of any type of the table. @throws TypeError for an unknown key */
export function emptyStruct(typeKey: string): JsonObject {
  const fields = fieldsOf(typeKey);
  if (fields === undefined) throw new TypeError(`Cannot make an empty object: unknown type "${typeKey}"`);
  const empty: JsonObject = {};
  for (const field of fields) {
    if (field.options.inline) Object.assign(empty, emptyStruct(field.type));
    else if (isAlwaysEncoded(typeKey, field)) empty[field.name] = zeroOf(field);
  }
  return empty;
}

function zeroOf(field: Field): Json {
  const zero = zeroJson(field);
  return zero === undefined ? emptyStruct(field.type) : zero;
}
