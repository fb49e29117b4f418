import { defineErrors } from "../errors/holdfast-error.ts";

/** Why bytes cannot be read as asked. */
export const bytesErrors = defineErrors({
  BYTES_TRUNCATED: {
    message: "Cannot read {wanted} bytes at {at}: the frame ends at {end}",
    fault: "caller",
    retry: "never",
  },
  BYTES_TOO_LONG: {
    message: "Cannot read a field of {wanted} bytes: the limit is {limit}",
    fault: "caller",
    retry: "never",
  },
});
