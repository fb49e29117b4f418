import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { API_VERSION, SYSTEM_NAMESPACE } from "@holdfast/contracts/butler-api/names";
import { isReason, type KubeClient, type ResourceRef } from "@holdfast/runtime/kube/kube-client";

function butler(plural: string, kind: string): ResourceRef {
  const [group, version] = API_VERSION.split("/") as [string, string];
  return { group, version, plural, kind };
}

/** What `holdfast up` shows its rules on: a team with two environments, a person in it, a local provider and a pool. */
export const SAMPLES: readonly (readonly [ResourceRef, KubeObject])[] = [
  [
    butler("users", "User"),
    { apiVersion: API_VERSION, kind: "User", metadata: { name: "dana" }, spec: { email: "dana@example.com", displayName: "Dana", authType: "internal" } },
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
    { apiVersion: API_VERSION, kind: "ProviderConfig", metadata: { name: "local", namespace: SYSTEM_NAMESPACE }, spec: { provider: "local" } },
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
];

/** Creates what is missing; what somebody changed stays as it is. */
export async function installSamples(client: KubeClient): Promise<void> {
  for (const [ref, object] of SAMPLES) {
    try {
      await client.create(ref, object);
    } catch (error) {
      if (!isReason(error, "AlreadyExists")) throw error;
    }
  }
}
