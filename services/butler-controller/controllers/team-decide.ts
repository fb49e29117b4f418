// What the Team controller makes of a Team: pure.

import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { ANNOTATIONS, FINALIZERS, LABELS, MANAGED_BY, type Reason } from "@holdfast/contracts/butler-api/names";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { Account } from "@holdfast/domain/quota/account";
import { type Condition, type Verdict, withVerdicts } from "./conditions.ts";
import { bindingChanges, desiredBindings, membersOf } from "./team-bindings.ts";
import { quotaVerdict, teamUsage } from "./team-usage.ts";

export interface TeamObserved {
  readonly team: Team;
  readonly namespace: KubeObject | undefined;
  /** Clusters that count for the team. */
  readonly accounts: readonly Account[];
  /** RoleBindings of the team in its namespace that Butler made. */
  readonly bindings: readonly KubeObject[];
}

export type TeamAction =
  | { readonly kind: "add-finalizer" }
  | { readonly kind: "create-namespace"; readonly namespace: KubeObject }
  | { readonly kind: "describe-namespace"; readonly description: string | null }
  | { readonly kind: "delete-namespace" }
  | { readonly kind: "remove-finalizer" }
  | { readonly kind: "create-binding"; readonly binding: KubeObject }
  | { readonly kind: "delete-binding"; readonly name: string }
  | { readonly kind: "status"; readonly status: TeamStatus };

export type TeamStatus = NonNullable<Team["status"]>;

/** The next actions, in order; none when everything is as it should be. */
export function decideTeamActions(observed: TeamObserved, now: string): TeamAction[] {
  const { team, namespace } = observed;
  const name = team.metadata.name as string;
  const has = (team.metadata.finalizers ?? []).includes(FINALIZERS.Team);
  if (team.metadata.deletionTimestamp !== undefined) return has ? deletion(observed, now) : [];
  if (!has) return [{ kind: "add-finalizer" }];
  if (namespace === undefined) {
    const verdict = waiting("NamespaceCreating", "the namespace is being created");
    return [
      { kind: "create-namespace", namespace: desiredNamespace(team) },
      ...status(observed, { phase: "Pending", namespace: verdict, ready: verdict }, now),
    ];
  }
  if (namespace.metadata.labels?.[LABELS.team] !== name) {
    const message = `namespace ${JSON.stringify(name)} exists and is not the team's; delete it or name the team otherwise`;
    const verdict = waiting("NamespaceReconcileFailed", message);
    return status(observed, { phase: "Failed", namespace: verdict, ready: verdict }, now);
  }
  if (namespace.metadata.deletionTimestamp !== undefined) {
    const message = "the namespace is being deleted; it is made anew when it is gone";
    const verdict = waiting("NamespaceTerminating", message);
    return status(observed, { phase: "Pending", namespace: verdict, ready: verdict }, now);
  }
  const changes = bindingChanges(desiredBindings(name, name, membersOf(team.spec?.access)), observed.bindings);
  const open = changes.create.length + changes.remove.length;
  const rbac: Finding =
    open === 0
      ? { status: "True", reason: "Ready", message: "every member has the role of the team in its namespace" }
      : waiting("Reconciling", `${open} role binding(s) are being changed`);
  const done: Finding = { status: "True", reason: "Ready", message: "the namespace is ready" };
  return [
    ...description(team, namespace),
    // New rights before old ones go: a member whose role changes is never without.
    ...changes.create.map((binding) => ({ kind: "create-binding", binding }) as const),
    ...changes.remove.map((binding) => ({ kind: "delete-binding", name: binding }) as const),
    ...status(observed, { phase: "Ready", namespace: done, rbac, ready: done }, now),
  ];
}

/** The namespace of a team: named like it, marked as its own. */
export function desiredNamespace(team: Team): KubeObject {
  const name = team.metadata.name as string;
  const text = team.spec?.description;
  return {
    kind: "Namespace",
    apiVersion: "v1",
    metadata: {
      name,
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.team]: name },
      ...(text === undefined ? {} : { annotations: { [ANNOTATIONS.description]: text } }),
    },
  };
}

function description(team: Team, namespace: KubeObject): TeamAction[] {
  const wanted = team.spec?.description;
  if (namespace.metadata.annotations?.[ANNOTATIONS.description] === wanted) return [];
  return [{ kind: "describe-namespace", description: wanted ?? null }];
}

function deletion(observed: TeamObserved, now: string): TeamAction[] {
  const { team, namespace, accounts } = observed;
  const name = team.metadata.name as string;
  if (accounts.length > 0) {
    const message = `Cannot delete Team: ${accounts.length} TenantCluster(s) still exist`;
    return status(observed, { phase: "Terminating", ready: waiting("DeletionBlocked", message) }, now);
  }
  if (namespace === undefined || namespace.metadata.labels?.[LABELS.team] !== name)
    return [{ kind: "remove-finalizer" }];
  const verdict = waiting("Deleting", "the namespace is being deleted");
  const terminating = status(observed, { phase: "Terminating", namespace: verdict, ready: verdict }, now);
  return namespace.metadata.deletionTimestamp === undefined
    ? [{ kind: "delete-namespace" }, ...terminating]
    : terminating;
}

type Finding = Omit<Verdict, "type">;

function waiting(reason: Reason, message: string): Finding {
  return { status: "False", reason, message };
}

interface Judged {
  readonly phase: NonNullable<TeamStatus["phase"]>;
  readonly namespace?: Finding;
  readonly rbac?: Finding;
  readonly ready: Finding;
}

function status(observed: TeamObserved, judged: Judged, now: string): TeamAction[] {
  const { team, accounts } = observed;
  const before = team.status ?? {};
  const generation = team.metadata.generation ?? 0;
  const usage = teamUsage(team, accounts);
  const named = (type: string, finding: Finding | undefined) => (finding === undefined ? [] : [{ type, ...finding }]);
  const conditions = withVerdicts(
    before.conditions as Condition[] | undefined,
    [
      ...named("NamespaceReady", judged.namespace),
      ...named("RBACReady", judged.rbac),
      quotaVerdict(usage),
      ...named("Ready", judged.ready),
    ],
    { generation, now },
  );
  const wanted: TeamStatus = {
    ...before,
    phase: judged.phase,
    namespace: team.metadata.name as string,
    observedGeneration: generation,
    clusterCount: accounts.length,
    memberCount: membersOf({ users: team.spec?.access?.users ?? [] }).length,
    ...usage,
    conditions: conditions as NonNullable<TeamStatus["conditions"]>,
  };
  return jsonEqual(wanted, before) ? [] : [{ kind: "status", status: wanted }];
}
