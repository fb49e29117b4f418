// Which parts of some rules other rules do not hold: the question behind escalation checks.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
import { goQuote } from "@holdfast/apimachinery/meta/field-error";
import { type PolicyRule, policyRule } from "./policy-rule.ts";

/** Rules on everything. */
export const FULL_AUTHORITY: readonly PolicyRule[] = [
  policyRule({ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }),
  policyRule({ verbs: ["*"], nonResourceURLs: ["*"] }),
];

/** The smallest pieces of `wanted` that no single rule of `held` covers, in order. */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing: PolicyRule[] = [];
  for (const rule of wanted) {
    for (const piece of pieces(rule)) if (!held.some((h) => covers(h, piece))) missing.push(piece);
  }
  return missing;
}

/** A rule taken apart: one group, resource, verb and name each. */
function* pieces(rule: PolicyRule): Generator<PolicyRule> {
  for (const group of rule.apiGroups) {
    for (const resource of rule.resources) {
      for (const verb of rule.verbs) {
        const piece = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (rule.resourceNames.length === 0) yield policyRule(piece);
        else for (const name of rule.resourceNames) yield policyRule({ ...piece, resourceNames: [name] });
      }
    }
  }
  for (const url of rule.nonResourceURLs) {
    for (const verb of rule.verbs) yield policyRule({ verbs: [verb], nonResourceURLs: [url] });
  }
}

function covers(held: PolicyRule, piece: PolicyRule): boolean {
  return (
    (held.verbs.includes("*") || hasAll(held.verbs, piece.verbs)) &&
    (held.apiGroups.includes("*") || hasAll(held.apiGroups, piece.apiGroups)) &&
    piece.resources.every((r) => coversResource(held.resources, r)) &&
    (held.resourceNames.length === 0 ||
      (piece.resourceNames.length > 0 && hasAll(held.resourceNames, piece.resourceNames))) &&
    piece.nonResourceURLs.every((url) => held.nonResourceURLs.some((h) => coversUrl(h, url)))
  );
}

function coversResource(held: readonly string[], resource: string): boolean {
  if (held.includes("*") || held.includes(resource)) return true;
  const slash = resource.indexOf("/");
  return slash >= 0 && held.includes(`*/${resource.slice(slash + 1)}`);
}

function coversUrl(held: string, url: string): boolean {
  return held === url || (held.endsWith("*") && url.startsWith(held.replace(/\*+$/, "")));
}

function hasAll(list: readonly string[], values: readonly string[]): boolean {
  return values.every((v) => list.includes(v));
}

/** One line for each rule, sorted, as refusals show them; rules on one resource that differ by verb only are one line. */
export function describeRules(rules: readonly PolicyRule[]): string[] {
  const out: PolicyRule[] = [];
  const simple = new Map<string, { rule: PolicyRule; verbs: string[] }>();
  for (const rule of rules) {
    if (
      rule.nonResourceURLs.length > 0 ||
      rule.apiGroups.length !== 1 ||
      rule.resources.length !== 1 ||
      rule.resourceNames.length > 1
    ) {
      out.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const known = simple.get(key);
    if (known === undefined) simple.set(key, { rule, verbs: [...rule.verbs] });
    else for (const verb of rule.verbs) if (!known.verbs.includes(verb)) known.verbs.push(verb);
  }
  for (const { rule, verbs } of simple.values()) out.push({ ...rule, verbs });
  return [...new Set(out.map(describeRule))].sort(byCodeUnits);
}

function describeRule(rule: PolicyRule): string {
  const parts: string[] = [];
  const add = (label: string, values: readonly string[]) => {
    if (values.length > 0) parts.push(`${label}:${quotedList(values)}`);
  };
  add("APIGroups", rule.apiGroups);
  add("Resources", rule.resources);
  add("NonResourceURLs", rule.nonResourceURLs);
  add("ResourceNames", rule.resourceNames);
  add("Verbs", rule.verbs);
  return `{${parts.join(", ")}}`;
}

/** `["a" "b"]` */
export function quotedList(values: readonly string[]): string {
  return `[${values.map(goQuote).join(" ")}]`;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
