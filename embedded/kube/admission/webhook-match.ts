import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { ResourceRegistry } from "../resources/resource-registry.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { AdmissionAttributes } from "./admission.ts";
import type { Webhook, WebhookRule } from "./webhook-config.ts";

/** Webhook configurations never guard themselves: a broken one could not be removed any more. */
const UNGUARDED = new Set([
  "validatingwebhookconfigurations",
  "mutatingwebhookconfigurations",
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
]);

/**
 * Whether a webhook wants to see a request, by rules and selectors.
 *
 * @returns the version of the resource in which it wants to see it; undefined when it does not
 */
export function matchWebhook(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  facts: {
    readonly registry: ResourceRegistry;
    readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined;
  },
): ResourceType | undefined {
  const { type } = attributes;
  if (type.group === "admissionregistration.k8s.io" && UNGUARDED.has(type.plural)) return undefined;
  const matched = matchRules(webhook, attributes, facts.registry);
  if (matched === undefined) return undefined;
  if (!webhook.namespaceSelector.isEmpty && !matchesNamespace(webhook, attributes, facts.namespaceLabels))
    return undefined;
  if (!webhook.objectSelector.isEmpty && !matchesObject(webhook, attributes)) return undefined;
  return matched;
}

function matchRules(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  registry: ResourceRegistry,
): ResourceType | undefined {
  const { type } = attributes;
  for (const rule of webhook.rules) if (ruleMatches(rule, attributes, type)) return type;
  if (webhook.matchPolicy === "Exact") return undefined;
  for (const other of registry.all()) {
    if (other.bucket !== type.bucket || other === type) continue;
    for (const rule of webhook.rules) if (ruleMatches(rule, attributes, other)) return other;
  }
  return undefined;
}

function ruleMatches(rule: WebhookRule, attributes: AdmissionAttributes, type: ResourceType): boolean {
  const has = (list: readonly string[] | undefined, value: string) =>
    list !== undefined && (list.includes("*") || list.includes(value));
  if (
    !has(rule.operations, attributes.operation) ||
    !has(rule.apiGroups, type.group) ||
    !has(rule.apiVersions, type.version)
  )
    return false;
  const scope = rule.scope ?? "*";
  // A namespace belongs to the cluster, though requests about it carry its name as their namespace.
  if (scope === "Namespaced" && !type.namespaced) return false;
  if (scope === "Cluster" && type.namespaced) return false;
  return (rule.resources ?? []).some((pattern) => {
    const [resource = "", subresource = ""] = pattern.split("/");
    if (pattern === "*/*") return true;
    if (resource !== "*" && resource !== type.plural) return false;
    return pattern.includes("/")
      ? subresource === "*" || subresource === attributes.subresource
      : attributes.subresource === "";
  });
}

function matchesNamespace(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  labelsOf: (namespace: string) => Readonly<Record<string, string>> | undefined,
): boolean {
  const isNamespace = attributes.type.group === "" && attributes.type.plural === "namespaces";
  if (isNamespace) {
    // The labels a namespace is about to have; for a deletion those it has.
    const object = attributes.object ?? attributes.oldObject;
    const labels = object?.metadata.labels ?? labelsOf(attributes.name) ?? {};
    return webhook.namespaceSelector.matches(labels);
  }
  if (!attributes.type.namespaced) return true;
  return webhook.namespaceSelector.matches(labelsOf(attributes.namespace) ?? {});
}

function matchesObject(webhook: Webhook, attributes: AdmissionAttributes): boolean {
  const matches = (object: KubeObject | undefined) =>
    object?.metadata !== undefined && webhook.objectSelector.matches(object.metadata.labels ?? {});
  return matches(attributes.object) || matches(attributes.oldObject);
}
