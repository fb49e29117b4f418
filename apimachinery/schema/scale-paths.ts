// What the scale subresource demands of the fields its paths name; checked whenever an object of the kind is written.

import { type FieldError, invalid } from "../meta/field-error.ts";
import { getOwn, isObject } from "../meta/own-members.ts";
import type { JsonObject } from "../meta/types.ts";
import type { CrdSubresources } from "./crd/crd-types.ts";
import { isInt64 } from "./validation/number-checks.ts";

type Scale = NonNullable<CrdSubresources["scale"]>;
const MAX_INT32 = 2_147_483_647;

/** Findings at `specReplicasPath`. Causes name the path as the definition writes it: `.spec.replicas`. */
export function scaleSpecErrors(object: JsonObject, scale: Scale): FieldError[] {
  return replicasErrors(object, scale.specReplicasPath ?? "");
}

/** Findings at `statusReplicasPath` and `labelSelectorPath`. */
export function scaleStatusErrors(object: JsonObject, scale: Scale): FieldError[] {
  const errors = replicasErrors(object, scale.statusReplicasPath ?? "");
  const path = scale.labelSelectorPath;
  if (path === undefined) return errors;
  const found = read(object, path);
  if ("error" in found) errors.push(invalid(path, "", found.error));
  else if (found.value !== undefined && typeof found.value !== "string") {
    errors.push(
      invalid(
        path,
        "",
        `${path} accessor error: ${describe(found.value)} is of the type ${goType(found.value)}, expected string`,
      ),
    );
  }
  return errors;
}

function replicasErrors(object: JsonObject, path: string): FieldError[] {
  const found = read(object, path);
  if ("error" in found) return [invalid(path, 0, found.error)];
  const { value } = found;
  if (value === undefined) return [];
  if (typeof value !== "number" || !isInt64(value)) {
    return [
      invalid(path, 0, `${path} accessor error: ${describe(value)} is of the type ${goType(value)}, expected int64`),
    ];
  }
  if (value < 0) return [invalid(path, value, "should be a non-negative integer")];
  return value > MAX_INT32 ? [invalid(path, value, `should be less than or equal to ${MAX_INT32}`)] : [];
}

/** The value at a dotted path; undefined if something on the way is missing, an error if it is no object. */
function read(object: JsonObject, path: string): { readonly value: unknown } | { readonly error: string } {
  let value: unknown = object;
  let walked = "";
  for (const name of path.replace(/^\./, "").split(".")) {
    if (value === null) return { value: undefined };
    walked += `.${name}`;
    if (!isObject(value)) {
      const detail = `${walked} accessor error: ${describe(value)} is of the type ${goType(value)}, expected map[string]interface{}`;
      return { error: detail };
    }
    value = getOwn(value, name);
    if (value === undefined) return { value: undefined };
  }
  return { value };
}

function describe(value: unknown): string {
  if (value === null) return "<nil>";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function goType(value: unknown): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
      return isInt64(value) ? "int64" : "float64";
    default:
      return "map[string]interface {}";
  }
}
