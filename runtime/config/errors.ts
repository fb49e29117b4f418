import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** What is wrong with a configuration; the message names every problem at once. */
export const configErrors = defineErrors({
  CONFIG_INVALID: {
    message: "Cannot start {service}: {count} problems in its configuration\n{problems}",
    fault: "caller",
    retry: "never",
  },
});
