// Which ClusterCreationPolicy rules a cluster: for every option the most specific policy wins, alone.

import { forbidden } from "@holdfast/apimachinery/meta/field-error";
import {
  type ClusterCreationPolicy,
  POLICY_OPTIONS,
  type PolicyOption,
  type PolicyRule,
} from "@holdfast/contracts/butler-api/cluster-creation-policy";
import type { ProviderType } from "@holdfast/contracts/butler-api/parts/providers";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { Finding } from "../decision.ts";

/** Whose cluster it is and where it will run. */
export interface PolicyContext {
  readonly team: string;
  readonly environment: string;
  readonly provider: ProviderType;
}

/** The rule in force for an option, and the policy it comes from. */
export interface ResolvedRule {
  readonly option: PolicyOption;
  readonly policy: string;
  readonly rule: PolicyRule;
}

/** How specific a policy is: 3 environment, 2 team, 1 platform, 0 none of them. */
export function policyTier(policy: ClusterCreationPolicy): 0 | 1 | 2 | 3 {
  const scope = policy.spec?.scope;
  if (scope?.teamAndEnvironment !== undefined) return 3;
  if (scope?.team !== undefined) return 2;
  return scope?.platformWide === undefined ? 0 : 1;
}

function appliesTo(policy: ClusterCreationPolicy, context: PolicyContext): boolean {
  const providers = policy.spec?.targetProviders ?? [];
  if (providers.length > 0 && !providers.includes(context.provider)) return false;
  const scope = policy.spec?.scope;
  if (scope?.teamAndEnvironment !== undefined) {
    const { teamRef, environmentName } = scope.teamAndEnvironment;
    return teamRef.name === context.team && environmentName === context.environment && context.environment !== "";
  }
  if (scope?.team !== undefined) return scope.team.teamRef.name === context.team;
  return scope?.platformWide !== undefined;
}

/** The rules in force, at most one an option. Policies that contradict each other at one tier are told apart by name. */
export function resolvePolicies(policies: readonly ClusterCreationPolicy[], context: PolicyContext): ResolvedRule[] {
  const applying = policies
    .filter((policy) => appliesTo(policy, context))
    .sort((a, b) => policyTier(b) - policyTier(a) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
  const rules: ResolvedRule[] = [];
  for (const option of POLICY_OPTIONS) {
    const winner = applying.find((policy) => Object.hasOwn(policy.spec?.options ?? {}, option));
    const rule = winner?.spec?.options?.[option];
    if (winner !== undefined && rule !== undefined) rules.push({ option, policy: winner.metadata.name ?? "", rule });
  }
  return rules;
}

const FIELDS: Partial<Record<ProviderType, Partial<Record<PolicyOption, string>>>> = {
  nutanix: {
    image: "imageUUID",
    network: "subnetUUID",
    cluster: "clusterUUID",
    storageContainer: "storageContainerUUID",
  },
  harvester: { image: "imageName", network: "networkName" },
};

/** The value a cluster gives an option, and where; undefined where the provider has no such option. */
function optionOf(
  cluster: TenantCluster,
  provider: ProviderType,
  option: PolicyOption,
): { value: string; field: string } | undefined {
  const name = FIELDS[provider]?.[option];
  if (name === undefined) return undefined;
  const override = cluster.spec?.infrastructureOverride as Record<string, Record<string, unknown>> | undefined;
  const value = override?.[provider]?.[name];
  return { value: typeof value === "string" ? value : "", field: `spec.infrastructureOverride.${provider}.${name}` };
}

/**
 * Every pinned or allow-listed option the cluster sets to something else. On an update only options it changes are judged: a
 * policy made later must not keep a cluster from being shrunk or deleted.
 */
export function policyFindings(
  rules: readonly ResolvedRule[],
  provider: ProviderType,
  object: TenantCluster,
  oldObject: TenantCluster | undefined,
): Finding[] {
  const findings: Finding[] = [];
  for (const { option, policy, rule } of rules) {
    if (rule.mode !== "pin" && rule.mode !== "allowList") continue;
    const chosen = optionOf(object, provider, option);
    if (chosen === undefined || chosen.value === "" || (rule.values ?? []).includes(chosen.value)) continue;
    if (oldObject !== undefined && optionOf(oldObject, provider, option)?.value === chosen.value) continue;
    const verb = rule.mode === "pin" ? "pins" : "allow-lists";
    const values = `[${(rule.values ?? []).join(" ")}]`;
    findings.push({
      code: "CLUSTER_POLICY",
      error: forbidden(
        chosen.field,
        `ClusterCreationPolicy ${JSON.stringify(policy)} ${verb} ${option} to ${values}; got ${JSON.stringify(chosen.value)}`,
      ),
    });
  }
  return findings;
}
