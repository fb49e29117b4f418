import { failure, type StatusError } from "@holdfast/apimachinery/meta/status-error";

export interface OptionCause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** 422 about one option of a request. @param kind - of the options: `PatchOptions` */
export function optionsInvalid(kind: string, cause: OptionCause): StatusError {
  return failure("Invalid", `${kind}.meta.k8s.io "" is invalid: ${cause.field}: ${cause.message}`, {
    status: { group: "meta.k8s.io", kind, causes: [cause] },
  });
}
