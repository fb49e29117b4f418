import type { ConfigOf } from "@holdfast/runtime/config/config";
import { address, choice, duration, integer, text, toggle } from "@holdfast/runtime/config/field";

/** Settings of butler-controller. Flag names are those of the original. */
export const BUTLER_CONTROLLER_CONFIG = {
  leaderElect: toggle({
    doc: "Reconcile only while holding the lease butler-controller.butlerlabs.dev; webhooks answer on every replica.",
    default: false,
  }),
  healthProbeBindAddress: address({ doc: "Where /healthz and /readyz answer.", default: { host: "", port: 8081 } }),
  metricsBindAddress: address({ doc: "Where /metrics answers.", default: { host: "", port: 8080 } }),
  zapLogLevel: choice({
    doc: "Lowest level that is logged.",
    values: ["debug", "info", "warn", "error"],
    default: "info",
  }),
  zapEncoder: choice({ doc: "Form of the log; JSON is the only one.", values: ["json"], default: "json" }),
  enableStewardControllers: toggle({ doc: "Watch hosted control planes of Steward.", default: true }),
  enableWebhooks: toggle({ doc: "Serve the admission webhooks.", default: true, env: "ENABLE_WEBHOOKS" }),
  enableDefaulting: toggle({
    doc: "Serve the webhook that applies clusterDefaults of teams and environments to new clusters.",
    default: false,
  }),
  webhookBindAddress: address({ doc: "Where the webhooks are served over TLS.", default: { host: "", port: 9443 } }),
  webhookCertificates: choice({
    doc: "Who makes the serving certificate: cert-manager mounts a Secret, or the controller manages one itself.",
    values: ["mounted", "self-managed"],
    default: "mounted",
  }),
  webhookCertDir: text({
    doc: "Folder with tls.crt and tls.key of a mounted certificate.",
    default: "/tmp/k8s-webhook-server/serving-certs",
    word: "DIR",
  }),
  webhookCertPollInterval: duration({
    doc: "How often a mounted certificate is looked at.",
    default: 10_000,
    minMs: 100,
  }),
  webhookServiceName: text({
    doc: "Name of the Service in front of the webhooks; part of a self-managed certificate.",
    default: "butler-controller-webhook",
  }),
  webhookConfigurationName: text({
    doc: "Name of the webhook configurations whose caBundle is kept.",
    default: "butler-controller",
  }),
  namespace: text({
    doc: "Namespace of the controller's own objects.",
    default: "butler-system",
    env: "POD_NAMESPACE",
  }),
  maxConcurrentTcReconciles: integer({
    doc: "TenantClusters that are reconciled at once.",
    default: 10,
    min: 1,
    max: 1000,
  }),
  maxConcurrentAddonReconciles: integer({ doc: "Addons that are reconciled at once.", default: 6, min: 1, max: 1000 }),
  kubeconfig: text({ doc: "Kubeconfig to use outside of a cluster.", default: "", env: "KUBECONFIG", word: "FILE" }),
} as const;

export type ButlerControllerConfig = ConfigOf<typeof BUTLER_CONTROLLER_CONFIG>;
