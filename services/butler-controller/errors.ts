import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** Codes of butler-controller. */
export const controllerErrors = defineErrors({
  BUTLER_REVIEW_UNREADABLE: { message: "decode {kind}: {why}", fault: "caller", retry: "never" },
  BUTLER_FACTS_MISSING: { message: "{action}: {why}", fault: "upstream", retry: "later" },
  BUTLER_LEDGER_CONTENDED: {
    message: "Cannot reserve quota for team {team}: {attempts} other requests were faster; try again",
    fault: "us",
    retry: "later",
  },
  BUTLER_LEDGER_BUSY: {
    message: "Cannot reserve quota for team {team}: the request waited {waitedMs} ms for its turn; try again",
    fault: "us",
    retry: "later",
  },
  BUTLER_POOLS_CONTENDED: {
    message: "Cannot reserve addresses for the pool: {attempts} other requests were faster; try again",
    fault: "us",
    retry: "later",
  },
  BUTLER_POOLS_FULL: {
    message: "Cannot reserve addresses for the pool: {count} pools are on their way already; try again in two minutes",
    fault: "us",
    retry: "later",
  },
  BUTLER_CERTIFICATE_UNUSABLE: {
    message: "Cannot serve webhooks with the certificate in {where}: {why}. The former one goes on being served",
    fault: "us",
    retry: "later",
  },
  BUTLER_NO_CLUSTER: {
    message: "Cannot find an API server: no kubeconfig was given and this is no pod. Give --kubeconfig",
    fault: "caller",
    retry: "never",
  },
});
