import { fieldErrorBody, invalid } from "@holdfast/apimachinery/meta/field-error";
import { failure, StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { Json } from "@holdfast/apimachinery/meta/types";
import { patchErrorToStatus } from "@holdfast/apimachinery/patch/to-status";

/** What a patch that cannot be applied is answered with. Foreign errors come in here and nowhere else. */
export function toPatchError(error: unknown): unknown {
  if (error instanceof StatusError) return error;
  const known = patchErrorToStatus(error);
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message : String(error);
  return failure("BadRequest", message, { cause: error });
}

/** 422 for a patch whose result is no object that can be read. */
export function unusablePatchResult(patched: Json, why: (shown: string) => string): StatusError {
  const shown = JSON.stringify(sortedKeys(patched));
  const { type, ...rest } = invalid("patch", shown, why(shown));
  const message = fieldErrorBody({ type, ...rest });
  return failure("Invalid", ` "" is invalid: patch: ${message}`, {
    status: { causes: [{ reason: type, message, field: "patch" }] },
  });
}

/** The form strictness takes on a patch: 422 with the errors as one invalid value. */
export function strictPatchError(patched: Json, texts: readonly string[]): StatusError {
  return unusablePatchResult(patched, () => `strict decoding error: ${texts.join(", ")}`);
}

/** Patch results are at most as deep as bodies may be. */
function sortedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortedKeys(value[key] as Json)]),
  );
}
