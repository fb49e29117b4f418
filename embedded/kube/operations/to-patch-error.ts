import { failure, StatusError } from "@holdfast/apimachinery/meta/status-error";
import { groupQualified } from "@holdfast/apimachinery/meta/types";
import { patchErrorToStatus } from "@holdfast/apimachinery/patch/to-status";
import type { ResourceType } from "../resources/resource-type.ts";

/** What a patch that cannot be applied is answered with. Foreign errors come in here and nowhere else. */
export function toPatchError(error: unknown): unknown {
  if (error instanceof StatusError) return error;
  const known = patchErrorToStatus(error);
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message : String(error);
  return failure("BadRequest", message, { cause: error });
}

/** The form strictness takes on a patch: 422 with the errors as one invalid value. */
export function strictPatchError(
  found: { unknown: readonly string[]; duplicates: readonly string[] },
  type: ResourceType,
  name: string,
): StatusError {
  const errors = [...found.duplicates, ...[...found.unknown].sort().map((path) => `unknown field "${path}"`)];
  const message = `Invalid value: "<object>": strict decoding error: ${errors.join(", ")}`;
  void name;
  return failure("Invalid", ` "" is invalid: patch: ${message}`, {
    status: { causes: [{ reason: "FieldValueInvalid", message, field: "patch" }] },
    details: { kind: groupQualified(type.kind, type.group) },
  });
}
