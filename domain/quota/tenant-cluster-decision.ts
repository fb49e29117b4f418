// Whether a TenantCluster may be created or changed (vtenantcluster.kb.io): environment, provider, policy, quota, in the order
// and with the sentences clients of the original know.

import { forbidden, invalid } from "@holdfast/apimachinery/meta/field-error";
import type { ClusterCreationPolicy } from "@holdfast/contracts/butler-api/cluster-creation-policy";
import { ANNOTATIONS } from "@holdfast/contracts/butler-api/names";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { Caller } from "../access/caller.ts";
import { isTeamAdmin } from "../access/team-role.ts";
import { type Decision, decideBy, type Finding, type FollowUp, refuseFindings } from "../decision.ts";
import { policyFindings, resolvePolicies } from "../policy/resolve-policy.ts";
import { accountOf, environmentOf, keyOf, teamNameOf } from "./account.ts";
import { environmentFindings, migrationFinding } from "./environment-rules.ts";
import {
  missingProviderFinding,
  type ProviderRuleFacts,
  providerLimitFindings,
  providerRefOf,
  scopeFinding,
} from "./provider-rules.ts";
import { parseQuantity } from "./quantity.ts";
import { mergeReservations, type Reservation } from "./reservation.ts";
import { teamLimitFindings } from "./team-limit-rules.ts";

/** What is needed to decide about a TenantCluster. */
export interface TenantClusterFacts {
  readonly operation: "CREATE" | "UPDATE";
  readonly caller: Caller;
  /** From `isPlatformAdmin` of access/platform-role.ts. */
  readonly platformAdmin: boolean;
  readonly object: TenantCluster;
  /** The stored object; on UPDATE only. */
  readonly oldObject?: TenantCluster;
  /** The Team `teamNameOf(object)` names, read past any cache; undefined where there is none. */
  readonly team?: Team;
  /** The Team named like the object's namespace; undefined where there is none. Read only where teamRef names another. */
  readonly namespaceTeam?: Team;
  /** All TenantClusters that count for the team or live in the namespace. More do no harm, duplicates neither. */
  readonly clusters: readonly TenantCluster[];
  /** Reservations of the team's ledger that have not run out; see reservation.ts. */
  readonly reservations?: readonly Reservation[];
  /** The ProviderConfig of `providerRefOf(object)`; undefined where it does not exist or none is named. */
  readonly providerConfig?: ProviderConfig;
  /** All ClusterCreationPolicies; empty where the kind is not installed. */
  readonly policies: readonly ClusterCreationPolicy[];
}

/** Decides about the creation or change of a TenantCluster. */
export function decideTenantCluster(facts: TenantClusterFacts): Decision {
  const { object } = facts;
  const oldObject = facts.operation === "UPDATE" ? facts.oldObject : undefined;
  const follow = followUps(object);
  if (oldObject !== undefined) {
    const team = teamNameOf(oldObject);
    const mayMigrate = facts.platformAdmin || (teamNameOf(object) === team && isTeamAdmin(facts.team, facts.caller));
    const finding = migrationFinding({ object, oldObject, caller: facts.caller, mayMigrate, team });
    if (finding !== undefined) return refuseFindings([finding]);
  }
  const next = accountOf(object);
  const previous = oldObject === undefined ? undefined : accountOf(oldObject);
  const all = mergeReservations(facts.clusters.map(accountOf), facts.reservations ?? []);
  const others = all.filter((account) => keyOf(account) !== keyOf(next));
  const inTeam = others.filter((account) => account.team === next.team);
  const joinsTeam = previous === undefined || previous.team !== next.team;

  const findings: Finding[] = [...sizeFindings(object, oldObject)];
  const misplaced = joinsTeam ? namespaceFinding(facts) : undefined;
  if (misplaced !== undefined) findings.push(misplaced);
  if (facts.team !== undefined) {
    const joins = joinsTeam || environmentOf(object) !== previous?.environment;
    const { caller, platformAdmin, team } = facts;
    findings.push(...environmentFindings({ caller, platformAdmin, team, object, oldObject, joins, others: inTeam }));
  }
  const neighbours = others.filter((account) => account.namespace === next.namespace);
  const { providerConfig } = facts;
  const provider = providerFindings(facts, { object, oldObject, providerConfig, next, previous, neighbours });
  findings.push(...provider.findings);
  // Nothing can be said about a quota at a provider nobody knows.
  if (!provider.missing && facts.team !== undefined) {
    findings.push(
      ...teamLimitFindings({
        team: next.team,
        limits: facts.team.spec?.resourceLimits,
        next,
        previous: joinsTeam ? undefined : previous,
        others: inTeam,
      }),
    );
  }
  return decideBy(findings, warnings(facts, joinsTeam), follow);
}

function providerFindings(
  facts: TenantClusterFacts,
  rule: ProviderRuleFacts,
): { readonly findings: Finding[]; readonly missing: boolean } {
  if (providerRefOf(facts.object) === undefined) return { findings: [], missing: false };
  const missing = missingProviderFinding(rule);
  if (missing !== undefined) return { findings: [missing], missing: true };
  const scope = scopeFinding(rule);
  const findings = scope === undefined ? [] : [scope];
  const provider = rule.providerConfig?.spec?.provider;
  if (provider !== undefined) {
    const context = {
      team: facts.team === undefined ? (facts.object.spec?.teamRef?.name ?? "") : rule.next.team,
      environment: environmentOf(facts.object),
      provider,
    };
    findings.push(...policyFindings(resolvePolicies(facts.policies, context), provider, rule.object, rule.oldObject));
  }
  findings.push(...providerLimitFindings(rule));
  return { findings, missing: false };
}

/** A size the schema's pattern lets through but nobody can read, such as `1e1.5`. */
function sizeFindings(object: TenantCluster, oldObject: TenantCluster | undefined): Finding[] {
  const findings: Finding[] = [];
  for (const name of ["memory", "diskSize"] as const) {
    const value = object.spec?.workers?.machineTemplate?.[name];
    if (value === undefined || value === oldObject?.spec?.workers?.machineTemplate?.[name]) continue;
    if (parseQuantity(value) === undefined) {
      const shown = typeof value === "string" ? value.slice(0, 128) : value;
      const field = `spec.workers.machineTemplate.${name}`;
      findings.push({ code: "CLUSTER_QUANTITY", error: invalid(field, shown, "must be a quantity such as 16Gi") });
    }
  }
  return findings;
}

/** A cluster of one team in the namespace of another would be counted for the one and reachable for the other. */
function namespaceFinding(facts: TenantClusterFacts): Finding | undefined {
  const { object, namespaceTeam } = facts;
  const team = object.spec?.teamRef?.name;
  const owner = namespaceTeam?.metadata.name;
  if (team === undefined || owner === undefined || owner === team) return undefined;
  const detail = `namespace ${JSON.stringify(object.metadata.namespace ?? "")} belongs to team ${JSON.stringify(owner)}, but TenantCluster references team ${JSON.stringify(team)}`;
  return { code: "CLUSTER_NAMESPACE_OF_OTHER_TEAM", error: forbidden("spec.teamRef", detail) };
}

/** A permission to migrate holds for the one request it comes with. */
function followUps(object: TenantCluster): FollowUp[] {
  const key = ANNOTATIONS.migrationOperation;
  if (!Object.hasOwn(object.metadata.annotations ?? {}, key)) return [];
  return [{ kind: "remove-annotation", key, when: "after-storage" }];
}

function warnings(facts: TenantClusterFacts, joinsTeam: boolean): string[] {
  const team = facts.object.spec?.teamRef?.name;
  if (!joinsTeam || team === undefined || facts.team !== undefined) return [];
  return [`team ${JSON.stringify(team)} does not exist; the cluster waits until it does`];
}
