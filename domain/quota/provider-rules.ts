// The provider a cluster names: that it exists, that the team may use it, and its limits for a team.

import { forbidden, notFound } from "@holdfast/apimachinery/meta/field-error";
import { SYSTEM_NAMESPACE } from "@holdfast/contracts/butler-api/names";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { Finding } from "../decision.ts";
import type { Account } from "./account.ts";

/** What is needed to judge the provider of a cluster. */
export interface ProviderRuleFacts {
  readonly object: TenantCluster;
  readonly oldObject: TenantCluster | undefined;
  /** The ProviderConfig of {@link providerRefOf}; undefined where it does not exist. */
  readonly providerConfig: ProviderConfig | undefined;
  readonly next: Account;
  readonly previous: Account | undefined;
  /** The other clusters of the namespace, stored and reserved. */
  readonly neighbours: readonly Account[];
}

/** Where the provider of a cluster is looked up; undefined where it names none. */
export function providerRefOf(cluster: TenantCluster): { namespace: string; name: string } | undefined {
  const ref = cluster.spec?.providerConfigRef;
  if (ref === undefined) return undefined;
  return {
    namespace: ref.namespace === undefined || ref.namespace === "" ? SYSTEM_NAMESPACE : ref.namespace,
    name: ref.name,
  };
}

/** Whether the provider is new to the cluster, or the cluster to the team: then its rules apply afresh. */
function choosesProvider(facts: ProviderRuleFacts): boolean {
  if (facts.oldObject === undefined || facts.previous === undefined) return true;
  const [now, before] = [providerRefOf(facts.object), providerRefOf(facts.oldObject)];
  return now?.name !== before?.name || now?.namespace !== before?.namespace || facts.next.team !== facts.previous.team;
}

function grows(facts: ProviderRuleFacts): boolean {
  return facts.previous === undefined || facts.next.usage.nodes > facts.previous.usage.nodes;
}

/** The provider must exist. A cluster that has lost it can still be labelled, shrunk and deleted. */
export function missingProviderFinding(facts: ProviderRuleFacts): Finding | undefined {
  const ref = providerRefOf(facts.object);
  if (ref === undefined || facts.providerConfig !== undefined || !(choosesProvider(facts) || grows(facts)))
    return undefined;
  return { code: "CLUSTER_PROVIDER_NOT_FOUND", error: notFound("spec.providerConfigRef.name", ref.name) };
}

/** A provider of one team serves no other. */
export function scopeFinding(facts: ProviderRuleFacts): Finding | undefined {
  const scope = facts.providerConfig?.spec?.scope;
  if (scope?.type !== "team" || scope.teamRef === undefined || !(choosesProvider(facts) || grows(facts)))
    return undefined;
  const team = facts.object.spec?.teamRef?.name ?? "";
  if (team === scope.teamRef.name) return undefined;
  const detail = `ProviderConfig ${JSON.stringify(facts.providerConfig?.metadata.name ?? "")} is scoped to team ${JSON.stringify(scope.teamRef.name)}, but TenantCluster references team ${JSON.stringify(team)}`;
  return { code: "CLUSTER_PROVIDER_SCOPE", error: forbidden("spec.providerConfigRef", detail) };
}

/** The provider's limits for a team, counted by namespace. */
export function providerLimitFindings(facts: ProviderRuleFacts): Finding[] {
  const limits = facts.providerConfig?.spec?.limits;
  const provider = JSON.stringify(facts.providerConfig?.metadata.name ?? "");
  const findings: Finding[] = [];
  const count = facts.neighbours.length;
  if (limits?.maxClustersPerTeam !== undefined && choosesProvider(facts) && count >= limits.maxClustersPerTeam) {
    const detail = `team namespace ${JSON.stringify(facts.next.namespace)} already has ${count} cluster(s); ProviderConfig ${provider} limits to ${limits.maxClustersPerTeam}`;
    findings.push({ code: "CLUSTER_PROVIDER_LIMIT", error: forbidden("spec", detail) });
  }
  const nodes = facts.neighbours.reduce((sum, account) => sum + account.usage.nodes, facts.next.usage.nodes);
  if (
    limits?.maxNodesPerTeam !== undefined &&
    (choosesProvider(facts) || grows(facts)) &&
    nodes > limits.maxNodesPerTeam
  ) {
    const detail = `total worker replicas (${nodes}) would exceed ProviderConfig ${provider} per-team node limit (${limits.maxNodesPerTeam})`;
    findings.push({ code: "CLUSTER_PROVIDER_LIMIT", error: forbidden("spec.workers.replicas", detail) });
  }
  return findings;
}
