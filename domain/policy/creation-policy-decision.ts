// Whether a ClusterCreationPolicy may be created or changed (vclustercreationpolicy.kb.io).

import { forbidden, invalid, notFound, notSupported, required } from "@holdfast/apimachinery/meta/field-error";
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { assertNever } from "@holdfast/base/errors/assert-never";
import {
  type ClusterCreationPolicy,
  POLICY_OPTIONS,
  type PolicyRule,
} from "@holdfast/contracts/butler-api/cluster-creation-policy";
import type { Team } from "@holdfast/contracts/butler-api/team";
import { allow, type Decision, decideBy, type Finding } from "../decision.ts";
import { policyTier } from "./resolve-policy.ts";

/** What is needed to decide about a ClusterCreationPolicy. */
export interface CreationPolicyFacts {
  readonly operation: "CREATE" | "UPDATE";
  readonly object: ClusterCreationPolicy;
  /** The stored object; on UPDATE only. */
  readonly oldObject?: ClusterCreationPolicy;
  /** The Team of {@link policyTeamOf}, read past any cache; undefined where it does not exist or none is named. */
  readonly team?: Team;
  /** All ClusterCreationPolicies; the object itself may be among them. */
  readonly policies: readonly ClusterCreationPolicy[];
}

/** Name of the team a policy is for; undefined for one of the whole platform. */
export function policyTeamOf(policy: ClusterCreationPolicy): string | undefined {
  const scope = policy.spec?.scope;
  return (scope?.team ?? scope?.teamAndEnvironment)?.teamRef.name;
}

/** Decides about the creation or change of a ClusterCreationPolicy. */
export function decideCreationPolicy(facts: CreationPolicyFacts): Decision {
  const { object, oldObject } = facts;
  // What does not change is not judged again: a team that is gone must not keep labels from being changed.
  if (facts.operation === "UPDATE" && oldObject !== undefined && jsonEqual(object.spec, oldObject.spec)) return allow();
  return decideBy([...referenceFindings(facts), ...ruleFindings(object), ...conflictFindings(object, facts.policies)]);
}

function referenceFindings(facts: CreationPolicyFacts): Finding[] {
  const scope = facts.object.spec?.scope;
  const team = policyTeamOf(facts.object);
  if (team === undefined) return [];
  const at = scope?.team === undefined ? "spec.scope.teamAndEnvironment" : "spec.scope.team";
  if (facts.team === undefined) {
    return [{ code: "POLICY_REFERENCE", error: notFound(`${at}.teamRef.name`, team) }];
  }
  const environment = scope?.team === undefined ? scope?.teamAndEnvironment?.environmentName : undefined;
  if (environment === undefined) return [];
  if ((facts.team.spec?.environments ?? []).some((candidate) => candidate.name === environment)) return [];
  return [{ code: "POLICY_REFERENCE", error: notFound(`${at}.environmentName`, environment) }];
}

function optionsOf(policy: ClusterCreationPolicy): [string, PolicyRule][] {
  return Object.entries(policy.spec?.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function ruleFindings(policy: ClusterCreationPolicy): Finding[] {
  return optionsOf(policy).flatMap(([option, rule]) => {
    const at = `spec.options[${option}]`;
    if (!(POLICY_OPTIONS as readonly string[]).includes(option)) {
      return [{ code: "POLICY_RULE" as const, error: notSupported(at, option, POLICY_OPTIONS) }];
    }
    const error = ruleError(rule, at);
    return error === undefined ? [] : [{ code: "POLICY_RULE" as const, error }];
  });
}

function ruleError(rule: PolicyRule, at: string) {
  const count = rule.values?.length ?? 0;
  switch (rule.mode) {
    case "pin":
      if (count === 1) return undefined;
      return invalid(`${at}.values`, rule.values ?? null, `mode "pin" requires exactly one value, got ${count}`);
    case "allowList":
    case "recommended":
      if (count > 0) return undefined;
      return required(`${at}.values`, `at least one value is required when mode is "${rule.mode}"`);
    case "default":
      if ((rule.default ?? "") !== "") return undefined;
      return required(`${at}.default`, 'default value is required when mode is "default"');
    default:
      return assertNever(rule.mode);
  }
}

function conflictFindings(policy: ClusterCreationPolicy, policies: readonly ClusterCreationPolicy[]): Finding[] {
  const findings: Finding[] = [];
  for (const other of policies) {
    if (other.metadata.name === policy.metadata.name || !sameTarget(policy, other)) continue;
    if (!providersOverlap(policy.spec?.targetProviders ?? [], other.spec?.targetProviders ?? [])) continue;
    const theirs = new Set(optionsOf(other).map(([option]) => option));
    const both = optionsOf(policy)
      .map(([option]) => option)
      .filter((option) => theirs.has(option));
    if (both.length === 0) continue;
    const detail = `conflicts with ClusterCreationPolicy ${JSON.stringify(other.metadata.name ?? "")} on option types [${both.join(" ")}] at the same tier`;
    findings.push({ code: "POLICY_CONFLICT", error: forbidden("spec.options", detail) });
  }
  return findings;
}

function sameTarget(a: ClusterCreationPolicy, b: ClusterCreationPolicy): boolean {
  return (
    policyTier(a) === policyTier(b) &&
    policyTeamOf(a) === policyTeamOf(b) &&
    a.spec?.scope.teamAndEnvironment?.environmentName === b.spec?.scope.teamAndEnvironment?.environmentName
  );
}

/** No providers means all of them. */
function providersOverlap(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((provider) => b.includes(provider));
}
