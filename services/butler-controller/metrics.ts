import type { MetricTable } from "@holdfast/runtime/metrics/metrics";

const WEBHOOKS = [
  "vtenantcluster.kb.io",
  "vteam.kb.io",
  "vnetworkpool.kb.io",
  "vproviderconfig.kb.io",
  "vclustercreationpolicy.kb.io",
  "dtenantcluster.kb.io",
] as const;

/** Every metric of butler-controller. */
export const BUTLER_CONTROLLER_METRICS = {
  butler_webhook_requests_total: {
    type: "counter",
    help: "Admission reviews answered, by webhook and outcome.",
    labels: { webhook: WEBHOOKS, outcome: ["allowed", "denied", "error"] },
  },
  butler_webhook_seconds: {
    type: "histogram",
    help: "Time from the end of a review's body to its answer, in seconds.",
    labels: { webhook: WEBHOOKS },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10],
  },
  butler_webhook_certificate_not_after_seconds: {
    type: "gauge",
    help: "End of the serving certificate, in seconds since 1970.",
  },
  butler_webhook_certificate_reloads_total: {
    type: "counter",
    help: "Certificates taken into service, and refused.",
    labels: { outcome: ["loaded", "refused"] },
  },
  butler_reconcile_total: {
    type: "counter",
    help: "Reconciliations by controller and outcome.",
    labels: { controller: ["team", "ownership", "tenantcluster"], outcome: ["ok", "error"] },
  },
  butler_leader: { type: "gauge", help: "1 while this replica reconciles." },
} as const satisfies MetricTable;
