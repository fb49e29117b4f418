// What belongs to one version of a definition, or to all of them: columns, subresources, selectable fields, deprecation.

import { duplicate, type FieldError, invalid, required } from "../../meta/field-error.ts";
import { resolveFieldPath } from "../field-path.ts";
import type { JsonSchema } from "../json-schema.ts";
import { byteLength } from "../name-rules.ts";
import { isPrintable } from "../object-meta.ts";
import { tooMany } from "../validation/string-checks.ts";
import type { CrdColumn, CrdSubresources, CrdVersion } from "./crd-types.ts";

const COLUMN_TYPES: readonly string[] = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: readonly string[] = [
  "byte",
  "date",
  "date-time",
  "double",
  "float",
  "int32",
  "int64",
  "password",
];
/** A version may declare so many selectable fields. */
export const MAX_SELECTABLE_FIELDS = 8;

export function deprecationErrors(version: CrdVersion, path: string): FieldError[] {
  const warning = version.deprecationWarning;
  if (warning === undefined) return [];
  const at = `${path}.deprecationWarning`;
  if (version.deprecated !== true) return [invalid(at, warning, "can only be set for deprecated versions")];
  const errors: FieldError[] = [];
  if (byteLength(warning) > 256) errors.push(invalid(at, warning, "must be <= 256 characters long"));
  if (warning === "") errors.push(invalid(at, warning, "must not be an empty string"));
  let index = 0;
  for (const character of warning) {
    if (!isPrintable(character)) {
      const detail = `must only contain printable UTF-8 characters; non-printable character found at index ${index}`;
      errors.push(invalid(at, warning, detail));
      break;
    }
    index += byteLength(character);
  }
  return errors;
}

export function columnErrors(column: CrdColumn, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { name = "", type = "", format = "", jsonPath = "" } = column;
  if (name === "") errors.push(required(`${path}.name`));
  const types = `must be one of ${COLUMN_TYPES.join(",")}`;
  if (type === "") errors.push(required(`${path}.type`, types));
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${path}.type`, type, types));
  if (format !== "" && !COLUMN_FORMATS.includes(format)) {
    errors.push(invalid(`${path}.format`, format, `must be one of ${COLUMN_FORMATS.join(",")}`));
  }
  if (jsonPath === "") errors.push(required(`${path}.JSONPath`));
  else errors.push(...dottedPathErrors(jsonPath, `${path}.JSONPath`));
  return errors;
}

function dottedPathErrors(jsonPath: string, path: string): FieldError[] {
  return jsonPath.startsWith(".") ? [] : [invalid(path, jsonPath, "must be a simple json path starting with .")];
}

export function subresourceErrors(subresources: CrdSubresources | undefined, path: string): FieldError[] {
  const scale = subresources?.scale;
  if (scale === undefined) return [];
  const errors: FieldError[] = [];
  const check = (key: "specReplicasPath" | "statusReplicasPath", root: string): void => {
    const value = scale[key] ?? "";
    if (value === "") errors.push(required(`${path}.scale.${key}`));
    else errors.push(...pathUnder(value, `${path}.scale.${key}`, [root]));
  };
  check("specReplicasPath", ".spec.");
  check("statusReplicasPath", ".status.");
  const selector = scale.labelSelectorPath ?? "";
  if (selector !== "") errors.push(...pathUnder(selector, `${path}.scale.labelSelectorPath`, [".spec.", ".status."]));
  return errors;
}

function pathUnder(value: string, path: string, roots: readonly string[]): FieldError[] {
  const errors = dottedPathErrors(value, path);
  if (errors.length > 0 || roots.some((root) => value.startsWith(root))) return errors;
  const where = roots.map((root) => root.slice(0, -1)).join(" or ");
  return [invalid(path, value, `should be a json path under ${roots.length > 1 ? "either " : ""}${where}`)];
}

export function selectableFieldErrors(
  fields: readonly { jsonPath?: string }[],
  schema: JsonSchema,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath = "" }] of fields.entries()) {
    const at = `${path}[${index}].jsonPath`;
    if (jsonPath === "") {
      errors.push(required(at));
      continue;
    }
    const resolved = resolveFieldPath(jsonPath, schema, false);
    if ("error" in resolved) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${resolved.error}`));
      continue;
    }
    if (resolved.path.split(/[.[]/, 1)[0] === "metadata") {
      errors.push(invalid(at, jsonPath, "must not point to fields in metadata"));
    }
    const type = resolved.schema?.type;
    if (type !== "string" && type !== "boolean" && type !== "integer") {
      const detail =
        "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
      errors.push(invalid(at, jsonPath, detail));
    }
    if (seen.has(resolved.path)) errors.push(duplicate(at, jsonPath));
    seen.add(resolved.path);
  }
  if (seen.size > MAX_SELECTABLE_FIELDS) {
    errors.push({ type: "FieldValueTooMany", field: path, value: seen.size, detail: tooMany(MAX_SELECTABLE_FIELDS) });
  }
  return errors;
}
