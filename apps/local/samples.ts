import { setTimeout as sleep } from "node:timers/promises";
import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { API_VERSION, BUTLER_CONFIG_NAME, LABELS, SYSTEM_NAMESPACE } from "@holdfast/contracts/butler-api/names";
import type { KubeClient, ResourceRef } from "@holdfast/runtime/kube/kube-client";

function butler(plural: string, kind: string): ResourceRef {
  const [group, version] = API_VERSION.split("/") as [string, string];
  return { group, version, plural, kind };
}

function rbac(plural: string, kind: string): ResourceRef {
  return { group: "rbac.authorization.k8s.io", version: "v1", plural, kind };
}

/**
 * What people of a team may ask for; what of it they get is the webhooks' decision. "update teams" is not among it: who may update every
 * Team counts as platform admin, so Teams are patched.
 */
const MEMBER_RULES = [
  { apiGroups: ["butler.butlerlabs.dev"], resources: ["*"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["butler.butlerlabs.dev"], resources: ["teams"], verbs: ["patch"] },
  {
    apiGroups: ["butler.butlerlabs.dev"],
    resources: ["tenantclusters", "tenantaddons", "workspaces"],
    verbs: ["create", "update", "patch", "delete"],
  },
];

/** The sample cluster. */
export const SAMPLE_CLUSTER = { namespace: "demo", name: "hello" } as const;

/**
 * What `holdfast up` shows its rules on: a team with two environments, a person in it with the rights of a member, a local provider, a
 * pool and a cluster.
 */
export const SAMPLES: readonly (readonly [ResourceRef, KubeObject])[] = [
  [
    rbac("clusterroles", "ClusterRole"),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "butler-member" },
      rules: MEMBER_RULES,
    },
  ],
  [
    rbac("clusterrolebindings", "ClusterRoleBinding"),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "butler-demo" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "butler-member" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "demo" }],
    },
  ],
  [
    butler("butlerconfigs", "ButlerConfig"),
    {
      apiVersion: API_VERSION,
      kind: "ButlerConfig",
      metadata: { name: BUTLER_CONFIG_NAME },
      spec: { multiTenancy: { mode: "Enforced" } },
    },
  ],
  [
    butler("users", "User"),
    {
      apiVersion: API_VERSION,
      kind: "User",
      metadata: { name: "dana" },
      spec: { email: "dana@example.com", displayName: "Dana", authType: "internal" },
    },
  ],
  [
    butler("networkpools", "NetworkPool"),
    {
      apiVersion: API_VERSION,
      kind: "NetworkPool",
      metadata: { name: "demo", namespace: SYSTEM_NAMESPACE },
      spec: { cidr: "10.40.0.0/24", tenantAllocation: { ranges: [{ start: "10.40.0.10", end: "10.40.0.200" }] } },
    },
  ],
  [
    butler("providerconfigs", "ProviderConfig"),
    {
      apiVersion: API_VERSION,
      kind: "ProviderConfig",
      metadata: { name: "local", namespace: SYSTEM_NAMESPACE },
      spec: { provider: "local" },
    },
  ],
  [
    butler("teams", "Team"),
    {
      apiVersion: API_VERSION,
      kind: "Team",
      metadata: { name: "demo" },
      spec: {
        displayName: "Demo",
        access: { users: [{ name: "dana@example.com", role: "admin" }] },
        resourceLimits: { maxClusters: 3, maxTotalNodes: 6 },
        environments: [{ name: "dev", limits: { maxClusters: 2 } }, { name: "prod" }],
      },
    },
  ],
  [
    butler("tenantclusters", "TenantCluster"),
    {
      apiVersion: API_VERSION,
      kind: "TenantCluster",
      metadata: { ...SAMPLE_CLUSTER, labels: { [LABELS.environment]: "dev" } },
      spec: {
        kubernetesVersion: "v1.34.4",
        teamRef: { name: "demo" },
        providerConfigRef: { name: "local" },
        workers: { replicas: 1 },
      },
    },
  ],
];

/** Creates what is missing; what somebody changed stays as it is. */
export async function installSamples(client: KubeClient): Promise<void> {
  for (const [ref, object] of SAMPLES) await createWhenPossible(client, ref, object);
}

const PATIENCE_MS = 10_000;

/** The namespace of the team comes with the team, a moment later. */
async function createWhenPossible(client: KubeClient, ref: ResourceRef, object: KubeObject): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await client.create(ref, object);
      return;
    } catch (error) {
      if (isReason(error, "AlreadyExists")) return;
      if (!isReason(error, "NotFound") || Date.now() > until) throw error;
      await sleep(10);
    }
  }
}

/**
 * What is known of the sample cluster once it is Ready, or after ten seconds.
 *
 * @param isAnswering - whether a cluster of that uid runs: after a restart the words of the last run are still stored
 */
export async function awaitSampleCluster(
  client: KubeClient,
  isAnswering: (uid: string) => boolean,
): Promise<{ readonly phase: string; readonly message: string; readonly endpoint: string }> {
  const ref = butler("tenantclusters", "TenantCluster");
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await client.find<KubeObject>(ref, SAMPLE_CLUSTER.name, SAMPLE_CLUSTER.namespace);
    const status = (found?.["status"] ?? {}) as SampleStatus;
    const ready = status.conditions?.find((condition) => condition.type === "Ready");
    const isReady = ready?.status === "True" && isAnswering(found?.metadata.uid ?? "");
    if (isReady || Date.now() > until)
      return {
        phase: status.phase ?? "Pending",
        message: ready?.message ?? "",
        endpoint: status.controlPlaneEndpoint ?? "",
      };
    await sleep(20);
  }
}

interface SampleStatus {
  readonly phase?: string;
  readonly controlPlaneEndpoint?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
}
