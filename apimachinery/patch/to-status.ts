import { failure, type StatusError } from "../meta/status-error.ts";
import { patchErrors } from "./errors.ts";

/** The whole text the API server gives for an operation that does not apply. */
export const REJECTED = "the server rejected our request due to an error in our request";

/** 422 of the API server for a patch that was understood and does not apply: it names nothing. */
export function rejectedPatch(cause?: unknown): StatusError {
  return failure("Invalid", REJECTED, { cause, status: {} });
}

/**
 * The answer to an error of {@link patchErrors}; undefined for any other error.
 *
 * Source: recordings of kube-apiserver 1.34 and apiextensions-apiserver 1.37 (patch-a).
 */
export function patchErrorToStatus(error: unknown): StatusError | undefined {
  if (!patchErrors.owns(error)) return undefined;
  switch (error.code) {
    case "PATCH_BAD_DOCUMENT":
    case "PATCH_BAD_MEMBER": {
      const detail = error.message.slice("Cannot read the patch: ".length);
      return failure("BadRequest", `error decoding patch: ${detail}`, { cause: error });
    }
    case "PATCH_TOO_MANY_OPERATIONS": {
      const { count, limit } = error.details;
      const why = `The allowed maximum operations in a JSON patch is ${String(limit)}, got ${String(count)}`;
      return failure("RequestEntityTooLarge", `Request entity too large: ${why}`, { cause: error });
    }
    default:
      return rejectedPatch(error);
  }
}
