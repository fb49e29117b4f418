import { type FieldError, forbidden, invalid } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, flag } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { configMapKey } from "../rules/scalar-rules.ts";

/** All values of a ConfigMap together, or of a Secret: 1 MiB. */
export const MAX_DATA_BYTES = 1_048_576;

/** ConfigMaps. */
export const configMapBehaviour: KindBehaviour = {
  validate: configMapProblems,
  validateUpdate: (next, old) => [...frozenProblems(next, old, ["data", "binaryData"]), ...configMapProblems(next)],
};

function configMapProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const [data, binary] = [child(object, "data"), child(object, "binaryData")];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    for (const problem of configMapKey(key)) errors.push(invalid(`data[${key}]`, key, problem));
    if (Object.hasOwn(binary, key)) errors.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
    bytes += String(value).length;
  }
  for (const [key, value] of Object.entries(binary)) {
    for (const problem of configMapKey(key)) errors.push(invalid(`binaryData[${key}]`, key, problem));
    bytes += Math.floor((String(value).length * 3) / 4);
  }
  if (bytes > MAX_DATA_BYTES) {
    errors.push({ type: "FieldValueTooLong", field: "", detail: `may not be more than ${MAX_DATA_BYTES} bytes` });
  }
  return errors;
}

/** What an object marked immutable may no longer change. */
export function frozenProblems(next: KubeObject, old: KubeObject, names: readonly string[]): FieldError[] {
  if (!flag(old, "immutable")) return [];
  const detail = "field is immutable when `immutable` is set";
  const errors = flag(next, "immutable") ? [] : [forbidden("immutable", detail)];
  for (const name of names) if (!jsonEqual(next[name] ?? {}, old[name] ?? {})) errors.push(forbidden(name, detail));
  return errors;
}
