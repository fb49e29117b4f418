import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { FINALIZERS } from "@holdfast/contracts/butler-api/names";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { environmentOf } from "@holdfast/domain/quota/account";
import type { EventRecorder } from "@holdfast/runtime/kube/event-recorder";
import type { KubeClient } from "@holdfast/runtime/kube/kube-client";
import type { Requeue } from "@holdfast/runtime/kube/work-queue";
import type { ClusterIdentity, ClusterProvider, ProviderState } from "../../providers/cluster-provider.ts";
import { NAMESPACES, ROLE_BINDINGS, SECRETS, TENANT_CLUSTERS } from "../../resource-refs.ts";
import type { Verdict } from "../conditions.ts";
import { bindingChanges, desiredBindings, membersOf } from "../team-bindings.ts";
import { decideObstacle, readyIntervalMs, settledVerdicts } from "./decide.ts";
import { type ClusterInformers, gather, type Surroundings } from "./gather.ts";
import { nextStatus, type Obstacle, type StatusFacts, wasReady } from "./status.ts";
import { desiredTenantNamespace, isTenantNamespaceOf, tenantLabels, tenantNamespaceName } from "./tenant-namespace.ts";

export interface ReconcileParts {
  readonly client: KubeClient;
  readonly informers: ClusterInformers;
  readonly events: EventRecorder;
  /** Who makes clusters, by the `provider` of a ProviderConfig. */
  readonly providers: Readonly<Record<string, ClusterProvider | undefined>>;
  readonly now: () => number;
}

/** While something outside must change first: its change wakes the cluster earlier. */
const WAIT_MS = 30_000;
const LOOK_AGAIN_MS = 5000;

/** One pass over one cluster, from whatever state it is in. */
export async function reconcileCluster(parts: ReconcileParts, key: string): Promise<Requeue> {
  const [namespace = "", name = ""] = key.split("/");
  const cluster = parts.informers.clusters.get(name, namespace) as unknown as TenantCluster | undefined;
  if (cluster === undefined) return undefined;
  try {
    return cluster.metadata.deletionTimestamp === undefined
      ? await bringAbout(parts, cluster)
      : await takeAway(parts, cluster);
  } catch (error) {
    // A stale copy: the watch brings the new one, and with it the next pass.
    if (isReason(error, "Conflict") || isReason(error, "NotFound")) return { afterMs: 1000 };
    throw error;
  }
}

async function bringAbout(parts: ReconcileParts, cluster: TenantCluster): Promise<Requeue> {
  const around = gather(parts.informers, cluster);
  const tenantNamespace = tenantNamespaceName(cluster);
  const provider = providerOf(parts, around);
  const { obstacle, verdicts } = decideObstacle(cluster, around, provider !== undefined);
  const observeOnly = cluster.spec?.managementPolicy?.mode === "Observe";
  if (provider === undefined || (obstacle !== undefined && !wasReady(cluster) && !observeOnly)) {
    await writeStatus(parts, { cluster, verdicts, ...(obstacle === undefined ? {} : { obstacle }) });
    return { afterMs: WAIT_MS };
  }
  const identity = identityOf(cluster, tenantNamespace);
  if (observeOnly || obstacle !== undefined) {
    const state = await provider.observe(identity);
    await writeStatus(parts, {
      cluster,
      verdicts,
      ...(obstacle === undefined ? {} : { obstacle }),
      ...(state === undefined ? {} : { state }),
    });
    return { afterMs: WAIT_MS };
  }
  if (!(cluster.metadata.finalizers ?? []).includes(FINALIZERS.TenantCluster)) {
    // Before anything is made: what is made is found again only through the object.
    await patchFinalizers(parts, cluster, [...(cluster.metadata.finalizers ?? []), FINALIZERS.TenantCluster]);
    parts.events.record(cluster as unknown as KubeObject, {
      type: "Normal",
      reason: "ClusterProvisioning",
      message: `Provisioning starts at provider ${around.providerRef.name}`,
    });
  }
  const blocked = await ensureTenantNamespace(parts, cluster, around);
  if (blocked !== undefined) {
    await writeStatus(parts, { cluster, verdicts, obstacle: blocked });
    return { afterMs: blocked.phase === "Failed" ? WAIT_MS : LOOK_AGAIN_MS };
  }
  await ensureBindings(parts, cluster, around, tenantNamespace);
  return provision(parts, { cluster, around, provider, identity, verdicts });
}

interface Provisioning {
  readonly cluster: TenantCluster;
  readonly around: Surroundings;
  readonly provider: ClusterProvider;
  readonly identity: ClusterIdentity;
  readonly verdicts: readonly Verdict[];
}

async function provision(parts: ReconcileParts, work: Provisioning): Promise<Requeue> {
  const { cluster, around, provider, identity } = work;
  const facts = { cluster, tenantNamespace: identity.tenantNamespace };
  let state: ProviderState;
  try {
    state = await provider.ensure({
      ...identity,
      cluster,
      providerConfig: around.providerConfig as NonNullable<Surroundings["providerConfig"]>,
      labels: tenantLabels(cluster),
      workers: cluster.spec?.workers?.replicas ?? 1,
    });
  } catch (error) {
    const message = `provider ${around.providerRef.name}: ${error instanceof Error ? error.message : String(error)}`;
    const obstacle: Obstacle = { phase: "Failed", reason: "ProviderError", message };
    const state = wasReady(cluster) ? await provider.observe(identity).catch(() => undefined) : undefined;
    await writeStatus(parts, {
      ...facts,
      verdicts: work.verdicts,
      obstacle,
      ...(state === undefined ? {} : { state }),
    });
    throw error;
  }
  const kubeconfigSecret =
    state.adminKubeconfig === undefined
      ? undefined
      : await ensureKubeconfig(parts, cluster, identity, state.adminKubeconfig);
  const verdicts = [...work.verdicts, ...settledVerdicts(around.providerConfig)];
  const status = await writeStatus(parts, {
    ...facts,
    verdicts,
    state,
    ...(kubeconfigSecret === undefined ? {} : { kubeconfigSecret }),
  });
  if (status.phase !== "Ready") return { afterMs: LOOK_AGAIN_MS };
  if (!wasReady(cluster)) {
    parts.events.record(cluster as unknown as KubeObject, {
      type: "Normal",
      reason: "ClusterReady",
      message: `The cluster is Ready at ${status.controlPlaneEndpoint ?? "an address not known yet"}`,
    });
  }
  return { afterMs: readyIntervalMs(cluster, parts.now()) };
}

function providerOf(parts: ReconcileParts, around: Surroundings): ClusterProvider | undefined {
  return parts.providers[around.providerConfig?.spec?.provider ?? ""];
}

function identityOf(cluster: TenantCluster, tenantNamespace: string): ClusterIdentity {
  const { uid = "", namespace = "", name = "" } = cluster.metadata;
  return { uid, namespace, name, tenantNamespace };
}

async function ensureTenantNamespace(
  parts: ReconcileParts,
  cluster: TenantCluster,
  around: Surroundings,
): Promise<Obstacle | undefined> {
  const desired = desiredTenantNamespace(cluster, around.providerConfig?.spec?.provider !== "local");
  const name = desired.metadata.name as string;
  let found = parts.informers.namespaces.get(name);
  if (found === undefined) {
    try {
      await parts.client.create(NAMESPACES, desired);
      return undefined;
    } catch (error) {
      if (!isReason(error, "AlreadyExists")) throw error;
      found = await parts.client.get<KubeObject>(NAMESPACES, name);
    }
  }
  if (!isTenantNamespaceOf(found, cluster)) {
    const message = `namespace ${JSON.stringify(name)} exists and was not made for this cluster; delete it`;
    return { phase: "Failed", reason: "NamespaceError", message };
  }
  if (found.metadata.deletionTimestamp !== undefined) {
    const message = `namespace ${JSON.stringify(name)} is being deleted; it is made anew when it is gone`;
    return { phase: "Pending", reason: "ProvisioningNamespace", message };
  }
  return undefined;
}

async function ensureBindings(
  parts: ReconcileParts,
  cluster: TenantCluster,
  around: Surroundings,
  tenantNamespace: string,
): Promise<void> {
  const { team } = around;
  const environment = team?.spec?.environments?.find((candidate) => candidate.name === environmentOf(cluster));
  const desired =
    team === undefined
      ? []
      : desiredBindings(
          team.metadata.name as string,
          tenantNamespace,
          membersOf(team.spec?.access, environment?.access),
        );
  const { create, remove } = bindingChanges(desired, parts.informers.bindings.list(tenantNamespace));
  await Promise.all([
    ...create.map((binding) => unless("AlreadyExists", parts.client.create(ROLE_BINDINGS, binding))),
    ...remove.map((name) => unless("NotFound", parts.client.delete(ROLE_BINDINGS, name, tenantNamespace))),
  ]);
}

/** Keeps the administrator's kubeconfig where members of the team cannot read it with the role of a viewer. */
async function ensureKubeconfig(
  parts: ReconcileParts,
  cluster: TenantCluster,
  identity: ClusterIdentity,
  kubeconfig: string,
): Promise<string> {
  const name = `${identity.name}-admin-kubeconfig`;
  const data = Buffer.from(kubeconfig, "utf8").toString("base64");
  const secret: KubeObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: identity.tenantNamespace, labels: tenantLabels(cluster) },
    type: "Opaque",
    data: { "admin.conf": data, "super-admin.conf": data },
  };
  const found = await parts.client.find<KubeObject>(SECRETS, name, identity.tenantNamespace);
  if (found === undefined) await unless("AlreadyExists", parts.client.create(SECRETS, secret));
  else if (!jsonEqual(found["data"], secret["data"]))
    await parts.client.update(SECRETS, { ...found, data: secret["data"] } as KubeObject);
  return name;
}

async function takeAway(parts: ReconcileParts, cluster: TenantCluster): Promise<Requeue> {
  const finalizers = cluster.metadata.finalizers ?? [];
  if (!finalizers.includes(FINALIZERS.TenantCluster)) return undefined;
  const tenantNamespace = tenantNamespaceName(cluster);
  const identity = identityOf(cluster, tenantNamespace);
  const say = (message: string) =>
    writeStatus(parts, { cluster, verdicts: [], obstacle: { phase: "Deleting", reason: "Deleting", message } });
  // A ProviderConfig that is gone already must not keep the cluster: every provider is asked, each knows its own.
  const known = providerOf(parts, gather(parts.informers, cluster));
  const asked = known === undefined ? Object.values(parts.providers).filter((p) => p !== undefined) : [known];
  const left = await Promise.all(asked.map((provider) => provider.remove(identity)));
  if (left.includes("going")) {
    await say("the cluster is being taken down at its provider");
    return { afterMs: LOOK_AGAIN_MS };
  }
  const found = await parts.client.find<KubeObject>(NAMESPACES, tenantNamespace);
  if (found !== undefined && isTenantNamespaceOf(found, cluster)) {
    if (found.metadata.deletionTimestamp === undefined)
      await unless("NotFound", parts.client.delete(NAMESPACES, tenantNamespace));
    await say(`namespace ${tenantNamespace} is being deleted`);
    return { afterMs: LOOK_AGAIN_MS };
  }
  await patchFinalizers(
    parts,
    cluster,
    finalizers.filter((finalizer) => finalizer !== FINALIZERS.TenantCluster),
  );
  return undefined;
}

function patchFinalizers(parts: ReconcileParts, cluster: TenantCluster, finalizers: readonly string[]) {
  const { name = "", namespace = "", resourceVersion } = cluster.metadata;
  return parts.client.patch(
    TENANT_CLUSTERS,
    { name, namespace },
    { type: "application/merge-patch+json", body: { metadata: { finalizers, resourceVersion } } },
  );
}

async function writeStatus(parts: ReconcileParts, facts: StatusFacts) {
  const { cluster } = facts;
  const { name = "", namespace = "", generation = 0 } = cluster.metadata;
  const now = `${new Date(parts.now()).toISOString().slice(0, 19)}Z`;
  const status = nextStatus(facts, { generation, now });
  if (jsonEqual(status, cluster.status)) return status;
  await parts.client.patch(
    TENANT_CLUSTERS,
    { name, namespace, subresource: "status" },
    { type: "application/merge-patch+json", body: { status } },
  );
  return status;
}

async function unless(reason: string, request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isReason(error, reason)) throw error;
  }
}
