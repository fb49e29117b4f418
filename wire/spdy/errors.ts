import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** What can be wrong with bytes that claim to be SPDY/3.1. */
export const spdyErrors = defineErrors({
  SPDY_MALFORMED: { message: "Cannot read a SPDY frame: {why}", fault: "caller", retry: "never" },
  SPDY_TOO_LARGE: {
    message: "Cannot read a SPDY frame of {bytes} bytes: the limit is {limit}",
    fault: "caller",
    retry: "never",
  },
});
