// What the Team controller makes of a Team: pure.

import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { FINALIZERS, LABELS, MANAGED_BY } from "@holdfast/contracts/butler-api/names";
import type { Team } from "@holdfast/contracts/butler-api/team";

export interface TeamObserved {
  readonly team: Team;
  readonly namespace: KubeObject | undefined;
  /** Clusters that count for the team. */
  readonly clusterCount: number;
}

export type TeamAction =
  | { readonly kind: "add-finalizer" }
  | { readonly kind: "create-namespace"; readonly namespace: KubeObject }
  | { readonly kind: "delete-namespace" }
  | { readonly kind: "remove-finalizer" }
  | { readonly kind: "status"; readonly status: TeamStatus };

export type TeamStatus = NonNullable<Team["status"]>;
type Condition = NonNullable<TeamStatus["conditions"]>[number];

/** The next actions, in order; none when everything is as it should be. */
export function decideTeamActions(observed: TeamObserved, now: string): TeamAction[] {
  const { team, namespace } = observed;
  const name = team.metadata.name as string;
  const has = (team.metadata.finalizers ?? []).includes(FINALIZERS.Team);
  if (team.metadata.deletionTimestamp !== undefined) return has ? deletion(observed, now) : [];
  if (!has) return [{ kind: "add-finalizer" }];
  if (namespace === undefined) {
    return [
      { kind: "create-namespace", namespace: desiredNamespace(team) },
      ...status(
        observed,
        { phase: "Pending", ready: waiting("NamespaceCreating", "the namespace is being created") },
        now,
      ),
    ];
  }
  if (namespace.metadata.labels?.[LABELS.team] !== name) {
    const message = `namespace ${JSON.stringify(name)} exists and is not the team's; delete it or name the team otherwise`;
    return status(observed, { phase: "Failed", ready: waiting("NamespaceReconcileFailed", message) }, now);
  }
  if (namespace.metadata.deletionTimestamp !== undefined) {
    return status(
      observed,
      {
        phase: "Pending",
        ready: waiting("NamespaceTerminating", "the namespace is being deleted; it is made anew when it is gone"),
      },
      now,
    );
  }
  return status(
    observed,
    { phase: "Ready", ready: { status: "True", reason: "Ready", message: "the namespace is ready" } },
    now,
  );
}

/** The namespace of a team: named like it, marked as its own. */
export function desiredNamespace(team: Team): KubeObject {
  const name = team.metadata.name as string;
  return {
    kind: "Namespace",
    apiVersion: "v1",
    metadata: { name, labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.team]: name } },
  };
}

function deletion(observed: TeamObserved, now: string): TeamAction[] {
  const { team, namespace, clusterCount } = observed;
  const name = team.metadata.name as string;
  if (clusterCount > 0) {
    const message = `the team still has ${clusterCount} cluster(s); delete them first`;
    return status(observed, { phase: "Terminating", ready: waiting("DeletionBlocked", message) }, now);
  }
  if (namespace === undefined || namespace.metadata.labels?.[LABELS.team] !== name)
    return [{ kind: "remove-finalizer" }];
  const terminating = status(
    observed,
    { phase: "Terminating", ready: waiting("Deleting", "the namespace is being deleted") },
    now,
  );
  return namespace.metadata.deletionTimestamp === undefined
    ? [{ kind: "delete-namespace" }, ...terminating]
    : terminating;
}

interface Verdict {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

function waiting(reason: string, message: string): Verdict {
  return { status: "False", reason, message };
}

function status(
  observed: TeamObserved,
  next: { readonly phase: NonNullable<TeamStatus["phase"]>; readonly ready: Verdict },
  now: string,
): TeamAction[] {
  const { team, clusterCount } = observed;
  const before = team.status ?? {};
  const generation = team.metadata.generation ?? 0;
  const conditions = [...(before.conditions ?? [])];
  for (const type of ["NamespaceReady", "Ready"])
    put(conditions, { type, ...next.ready, observedGeneration: generation, lastTransitionTime: now });
  const access = team.spec?.access;
  const wanted: TeamStatus = {
    ...before,
    phase: next.phase,
    namespace: team.metadata.name as string,
    observedGeneration: generation,
    clusterCount,
    memberCount: new Set((access?.users ?? []).map((user) => user.name.toLowerCase())).size,
    conditions,
  };
  return jsonEqual(wanted, before) ? [] : [{ kind: "status", status: wanted }];
}

function put(conditions: Condition[], next: Condition): void {
  const at = conditions.findIndex((c) => c.type === next.type);
  const before = conditions[at];
  if (before === undefined) {
    conditions.push(next);
    return;
  }
  conditions[at] = before.status === next.status ? { ...next, lastTransitionTime: before.lastTransitionTime } : next;
}
