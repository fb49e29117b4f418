import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** What can be wrong with a patch itself. {@link ../patch/to-status.ts} says how the API server answers each. */
export const patchErrors = defineErrors({
  PATCH_BAD_DOCUMENT: {
    message: "Cannot read the patch: json: cannot unmarshal {got} into Go value of type {wanted}",
    fault: "caller",
    retry: "never",
  },
  PATCH_BAD_MEMBER: {
    message: "Cannot read the patch: json: cannot unmarshal {got} into Go struct field {wanted} of type string",
    fault: "caller",
    retry: "never",
  },
  PATCH_TOO_MANY_OPERATIONS: {
    message: "Cannot apply the patch: it has {count} operations and {limit} are allowed",
    fault: "caller",
    retry: "never",
  },
  PATCH_OPERATION_FAILED: {
    message: "Cannot apply operation {index} ({op} {path}): {reason}",
    fault: "caller",
    retry: "never",
  },
  PATCH_COPY_TOO_LARGE: {
    message: "Cannot apply operation {index}: the copies of this patch add up to {bytes} bytes and {limit} are allowed",
    fault: "caller",
    retry: "never",
  },
});
