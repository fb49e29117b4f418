// What a TenantCluster's status says of what was found: pure.

import type { Reason } from "@holdfast/contracts/butler-api/names";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { ProviderState } from "../../providers/cluster-provider.ts";
import { type Condition, isTrue, type Stamp, type Verdict, withVerdicts } from "../conditions.ts";

export type TenantClusterStatus = NonNullable<TenantCluster["status"]>;
export type Phase = NonNullable<TenantClusterStatus["phase"]>;

/** Why a pass went no further. */
export interface Obstacle {
  readonly phase: "Pending" | "Failed" | "Deleting";
  readonly reason: Reason;
  readonly message: string;
}

export interface StatusFacts {
  readonly cluster: TenantCluster;
  readonly tenantNamespace?: string;
  /** Verdicts of the checks before the provider was asked. */
  readonly verdicts: readonly Verdict[];
  readonly obstacle?: Obstacle;
  readonly state?: ProviderState;
  /** Name of the Secret with the administrator's kubeconfig, once it is stored. */
  readonly kubeconfigSecret?: string;
}

/** Whether the cluster was Ready once: from then on a fault of the platform degrades it and does not take it away. */
export function wasReady(cluster: TenantCluster): boolean {
  const { status } = cluster;
  return (
    status?.phase === "Ready" || status?.phase === "Updating" || isTrue(status?.conditions as Condition[], "Ready")
  );
}

/** The status after a pass. */
export function nextStatus(facts: StatusFacts, stamp: Stamp): TenantClusterStatus {
  const { cluster, state, obstacle } = facts;
  const before = cluster.status ?? {};
  const desired = cluster.spec?.workers?.replicas ?? 1;
  const verdicts = [...facts.verdicts, ...(state === undefined ? [] : stateVerdicts(state, desired))];
  const judged = judge(facts, verdicts, desired);
  const conditions = withVerdicts(before.conditions as Condition[] | undefined, [...verdicts, judged.ready], stamp);
  const next: TenantClusterStatus = {
    ...before,
    phase: judged.phase,
    observedGeneration: stamp.generation,
    conditions: conditions as NonNullable<TenantClusterStatus["conditions"]>,
    workerNodesDesired: desired,
    ...(facts.tenantNamespace === undefined ? {} : { tenantNamespace: facts.tenantNamespace }),
    ...(facts.kubeconfigSecret === undefined ? {} : { kubeconfigSecretRef: { name: facts.kubeconfigSecret } }),
    ...(before.phase === judged.phase ? {} : { lastTransitionTime: stamp.now }),
  };
  if (state === undefined) return obstacle === undefined ? next : { ...next, phase: judged.phase };
  return {
    ...next,
    workerNodesReady: state.workers?.ready.length ?? 0,
    ...(state.endpoint === undefined ? {} : { controlPlaneEndpoint: state.endpoint }),
    observedState: {
      ...(before.observedState ?? {}),
      ...(state.kubernetesVersion === undefined ? {} : { kubernetesVersion: state.kubernetesVersion }),
      workers: { desired, ready: state.workers?.ready.length ?? 0, nodes: [...(state.workers?.present ?? [])] },
    },
  };
}

function stateVerdicts(state: ProviderState, desired: number): Verdict[] {
  const step = (type: string, progress: ProviderState["infrastructure"]): Verdict => ({
    type,
    status: progress.ready ? "True" : "False",
    reason: progress.reason,
    message: progress.message,
  });
  return [
    step("InfrastructureReady", state.infrastructure),
    step("ControlPlaneReady", state.controlPlane),
    workersVerdict(state.workers, desired),
  ];
}

function workersVerdict(workers: ProviderState["workers"], desired: number): Verdict {
  const type = "WorkersReady";
  if (workers === undefined) {
    const message = `the provider runs no nodes here; ${desired} were asked for`;
    return { type, status: "True", reason: "Ready", message };
  }
  const [ready, present] = [workers.ready.length, workers.present.length];
  const message =
    present > desired
      ? `${present} worker nodes are there, ${desired} are asked for`
      : `${ready} of ${desired} worker nodes are Ready`;
  return ready >= desired && present <= desired
    ? { type, status: "True", reason: "Ready", message }
    : { type, status: "False", reason: "WorkersProvisioning", message };
}

function judge(
  facts: StatusFacts,
  verdicts: readonly Verdict[],
  desired: number,
): { readonly phase: Phase; readonly ready: Verdict } {
  const { cluster, state, obstacle } = facts;
  const ready = (status: Verdict["status"], reason: Reason, message: string): Verdict => ({
    type: "Ready",
    status,
    reason,
    message: message.slice(0, 1024),
  });
  const once = wasReady(cluster);
  if (obstacle !== undefined && (obstacle.phase === "Deleting" || state === undefined))
    return { phase: obstacle.phase, ready: ready("False", obstacle.reason, obstacle.message) };
  if (state === undefined) return { phase: "Pending", ready: ready("False", "Reconciling", "nothing was found yet") };
  const up = state.infrastructure.ready && state.controlPlane.ready;
  if (!up) {
    const step = state.infrastructure.ready ? state.controlPlane : state.infrastructure;
    const failed = step.reason === "ProviderError" || step.reason === "InvalidConfiguration";
    return { phase: failed ? "Failed" : "Provisioning", ready: ready("False", step.reason, step.message) };
  }
  const unmet = verdicts.filter((verdict) => verdict.status === "False");
  const workers = unmet.find((verdict) => verdict.type === "WorkersReady");
  if (!once && workers !== undefined)
    return { phase: "Provisioning", ready: ready("False", workers.reason, workers.message) };
  const addons = unmet.find((verdict) => verdict.type === "AddonsReady");
  if (!once && addons !== undefined)
    return { phase: "Installing", ready: ready("False", addons.reason, addons.message) };
  const noReadyWorker = desired > 0 && state.workers?.ready.length === 0;
  if (workers !== undefined && noReadyWorker)
    return { phase: "Updating", ready: ready("False", workers.reason, workers.message) };
  const complaints = [
    ...(obstacle === undefined ? [] : [obstacle.message]),
    ...unmet.map((verdict) => `${verdict.type}: ${verdict.message}`),
  ];
  if (complaints.length > 0) {
    return {
      phase: workers === undefined ? "Ready" : "Updating",
      ready: ready("True", "ReconcileDegraded", complaints.join("; ")),
    };
  }
  return { phase: "Ready", ready: ready("True", "ReconcileSucceeded", "the cluster is as it was asked for") };
}
