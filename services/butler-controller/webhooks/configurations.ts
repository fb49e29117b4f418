import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { GROUP, VERSION } from "@holdfast/contracts/butler-api/names";

/** Where the API server finds the webhooks: behind a Service, or at an address. */
export type WebhookTarget =
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } }
  | { readonly url: string };

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly plural: string;
  readonly operations: readonly string[];
}

/** In the order of the original's chart. */
const VALIDATING: readonly Row[] = [
  { name: "vtenantcluster.kb.io", kind: "tenantcluster", plural: "tenantclusters", operations: ["CREATE", "UPDATE"] },
  { name: "vteam.kb.io", kind: "team", plural: "teams", operations: ["CREATE", "UPDATE"] },
  {
    name: "vnetworkpool.kb.io",
    kind: "networkpool",
    plural: "networkpools",
    operations: ["CREATE", "UPDATE", "DELETE"],
  },
  {
    name: "vproviderconfig.kb.io",
    kind: "providerconfig",
    plural: "providerconfigs",
    operations: ["CREATE", "UPDATE", "DELETE"],
  },
  {
    name: "vclustercreationpolicy.kb.io",
    kind: "clustercreationpolicy",
    plural: "clustercreationpolicies",
    operations: ["CREATE", "UPDATE"],
  },
];
const MUTATING: readonly Row[] = [
  { name: "dtenantcluster.kb.io", kind: "tenantcluster", plural: "tenantclusters", operations: ["CREATE"] },
];

/** The ValidatingWebhookConfiguration of the controller: cluster-wide, failing closed. */
export function validatingConfiguration(name: string, target: WebhookTarget, caBundle?: string): KubeObject {
  return {
    kind: "ValidatingWebhookConfiguration",
    apiVersion: "admissionregistration.k8s.io/v1",
    metadata: { name, labels: { "app.kubernetes.io/name": "butler-controller" } },
    webhooks: VALIDATING.map((row) => webhook(row, "validate", target, caBundle)),
  };
}

/** The MutatingWebhookConfiguration that applies clusterDefaults. */
export function mutatingConfiguration(name: string, target: WebhookTarget, caBundle?: string): KubeObject {
  return {
    kind: "MutatingWebhookConfiguration",
    apiVersion: "admissionregistration.k8s.io/v1",
    metadata: { name, labels: { "app.kubernetes.io/name": "butler-controller" } },
    webhooks: MUTATING.map((row) => webhook(row, "mutate", target, caBundle)),
  };
}

function webhook(row: Row, verb: "validate" | "mutate", target: WebhookTarget, caBundle: string | undefined): unknown {
  const path = `/${verb}-butler-butlerlabs-dev-v1alpha1-${row.kind}`;
  const clientConfig = "url" in target ? { url: `${target.url}${path}` } : { service: { ...target.service, path } };
  return {
    name: row.name,
    clientConfig: {
      ...clientConfig,
      ...(caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString("base64") }),
    },
    rules: [
      { apiGroups: [GROUP], apiVersions: [VERSION], operations: row.operations, resources: [row.plural], scope: "*" },
    ],
    failurePolicy: "Fail",
    sideEffects: row.name === "vtenantcluster.kb.io" ? "NoneOnDryRun" : "None",
    admissionReviewVersions: ["v1"],
    timeoutSeconds: 10,
  };
}
