// The notation of the default roles.
import { type PolicyRule, policyRule } from "../rbac/policy-rule.ts";

/** A Role (in a namespace) or ClusterRole, and who is bound to it from the start. */
export interface RoleRow {
  readonly name: string;
  /** Only for Roles. */
  readonly namespace?: string;
  readonly rules: readonly PolicyRule[];
  readonly labels?: Readonly<Record<string, string>>;
  /** The rules are gathered from ClusterRoles that carry this label as `"true"`. */
  readonly aggregatesLabel?: string;
  readonly subjects?: readonly Subject[];
  /** Name of the binding where it is not that of the role. */
  readonly binding?: string;
}

export type Subject =
  | { readonly kind: "User" | "Group"; readonly apiGroup: "rbac.authorization.k8s.io"; readonly name: string }
  | { readonly kind: "ServiceAccount"; readonly name: string; readonly namespace: string };

/**
 * A rule on resources. Every argument is words between spaces; they are sorted, as the original keeps them.
 *
 * @param groups - `core` is the group without a name
 */
export function on(groups: string, resources: string, verbs: string, names = ""): PolicyRule {
  return policyRule({
    verbs: words(verbs),
    apiGroups: words(groups)
      .map((g) => (g === "core" ? "" : g))
      .sort(),
    resources: words(resources),
    resourceNames: words(names),
  });
}

/** A rule on paths. */
export function paths(urls: string, verbs: string): PolicyRule {
  return policyRule({ verbs: words(verbs), nonResourceURLs: words(urls) });
}

export function group(name: string): Subject {
  return { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name };
}

export function user(name: string): Subject {
  return { kind: "User", apiGroup: "rbac.authorization.k8s.io", name };
}

/** A ServiceAccount in kube-system. */
export function account(name: string): Subject {
  return { kind: "ServiceAccount", name, namespace: "kube-system" };
}

export const READ = "get list watch";
export const WRITE = "create update patch delete deletecollection";
export const READ_WRITE = `${READ} ${WRITE}`;
export const EVENTS = on("core events.k8s.io", "events", "create update patch");

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ").sort();
}
