import type { KubeObject } from "@holdfast/apimachinery/meta/types";

/** rbac.authorization.k8s.io/v1 PolicyRule with every list there, if empty. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** A rule of nothing but what `parts` says. */
export function policyRule(parts: Partial<PolicyRule>): PolicyRule {
  return { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [], ...parts };
}

/** The rules of a Role or ClusterRole. What is not of the expected shape grants nothing. */
export function rulesOf(role: KubeObject): PolicyRule[] {
  const rules = role["rules"];
  return Array.isArray(rules) ? rules.map(readRule) : [];
}

function readRule(value: unknown): PolicyRule {
  const rule: Readonly<Record<string, unknown>> = isRecord(value) ? value : {};
  return {
    verbs: strings(rule["verbs"]),
    apiGroups: strings(rule["apiGroups"]),
    resources: strings(rule["resources"]),
    resourceNames: strings(rule["resourceNames"]),
    nonResourceURLs: strings(rule["nonResourceURLs"]),
  };
}

/** The JSON form: empty lists but for `verbs` are left out. */
export function ruleJson(rule: PolicyRule): Record<string, string[]> {
  const json: Record<string, string[]> = { verbs: [...rule.verbs] };
  for (const key of ["apiGroups", "resources", "resourceNames", "nonResourceURLs"] as const) {
    if (rule[key].length > 0) json[key] = [...rule[key]];
  }
  return json;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((v) => typeof v === "string") : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
