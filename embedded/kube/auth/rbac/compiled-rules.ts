// Whether rules allow a request: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
import type { Attributes } from "../user.ts";
import type { PolicyRule } from "./policy-rule.ts";

/** The rules of one role, ready to be asked. */
export interface CompiledRules {
  readonly rules: readonly PolicyRule[];
  allows(attributes: Attributes): boolean;
}

export function compileRules(rules: readonly PolicyRule[]): CompiledRules {
  const forResources = rules.filter((r) => r.resources.length > 0).map(compileResourceRule);
  const forPaths = rules.filter((r) => r.nonResourceURLs.length > 0).map(compilePathRule);
  return {
    rules,
    allows(attributes) {
      if (attributes.path !== undefined) {
        for (const allows of forPaths) if (allows(attributes.verb, attributes.path)) return true;
        return false;
      }
      const { resource, subresource } = attributes;
      const combined = subresource === "" ? resource : `${resource}/${subresource}`;
      for (const allows of forResources) if (allows(attributes, combined)) return true;
      return false;
    },
  };
}

/** Lists that hold more than this are looked up in a set. */
const SCANNED = 6;

/** Membership of a list in which `*` stands for everything. */
function member(list: readonly string[]): (value: string) => boolean {
  if (list.includes("*")) return () => true;
  if (list.length <= SCANNED) return (value) => list.includes(value);
  const set = new Set(list);
  return (value) => set.has(value);
}

function compileResourceRule(rule: PolicyRule): (attributes: Attributes, combined: string) => boolean {
  const verb = member(rule.verbs);
  const group = member(rule.apiGroups);
  const resource = member(rule.resources);
  const anyParent = new Set(rule.resources.filter((r) => r.startsWith("*/")).map((r) => r.slice(2)));
  const { resourceNames } = rule;
  const name = resourceNames.length === 0 ? undefined : new Set(resourceNames);
  return (attributes, combined) =>
    verb(attributes.verb) &&
    group(attributes.group) &&
    (resource(combined) || (attributes.subresource !== "" && anyParent.has(attributes.subresource))) &&
    (name === undefined || name.has(attributes.name));
}

function compilePathRule(rule: PolicyRule): (verb: string, path: string) => boolean {
  const allowsVerb = member(rule.verbs);
  const allowsPath = member(rule.nonResourceURLs);
  const prefixes = rule.nonResourceURLs.filter((u) => u.endsWith("*")).map((u) => u.replace(/\*+$/, ""));
  return (verb, path) => allowsVerb(verb) && (allowsPath(path) || prefixes.some((p) => path.startsWith(p)));
}
