import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** What the domain cannot find out. Refusals are values, not errors: see refusal-codes.ts. */
export const DOMAIN_ERRORS = defineErrors({
  DOMAIN_LEDGER_UNREADABLE: {
    message: "Cannot read the reservation ledger: {why}",
    fault: "us",
    retry: "never",
  },
});
