// https://kubernetes.io/docs/reference/access-authn-authz/rbac/
import type { Store } from "../store/object-store.ts";
import { BindingIndex, type Grant, type RoleRef } from "./rbac/binding-index.ts";
import type { PolicyRule } from "./rbac/policy-rule.ts";
import { RoleCache } from "./rbac/role-cache.ts";
import type { Authorizer, Decision, UserInfo } from "./user.ts";

/** Rules somebody holds, and the names of roles that bindings point to and that are not there. */
export interface HeldRules {
  readonly rules: readonly PolicyRule[];
  /** Role names missing, in order of the bindings. */
  readonly missing: readonly { readonly kind: string; readonly name: string }[];
}

export interface RbacAuthorizer extends Authorizer {
  /** What bindings give the user in the whole cluster and in `namespace` ("": in the whole cluster only). */
  rulesFor(user: UserInfo, namespace: string): HeldRules;
  /** Undefined when there is no such role. */
  rulesOfRole(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined;
}

/** May do everything, with or without roles; also the way in when bindings are broken. */
export const PRIVILEGED_GROUP = "system:masters";

/**
 * Decides by the Roles, ClusterRoles and their bindings in the store.
 *
 * Bindings are indexed by subject and roles are compiled once for each state, so a decision costs what the user's own bindings cost.
 * It sees a change as soon as the change's writer does.
 */
export function createRbacAuthorizer(store: Store): RbacAuthorizer {
  const bindings = new BindingIndex(store);
  const roles = new RoleCache(store);
  return {
    authorize(attributes) {
      if (attributes.user.groups.includes(PRIVILEGED_GROUP)) return PRIVILEGED;
      const missing: string[] = [];
      for (const grant of bindings.of(attributes.user, attributes.namespace)) {
        const role = roles.find(grant.roleRef, grant.namespace);
        if (role === undefined) missing.push(missingText(grant));
        else if (role.allows(attributes)) return { allowed: true, reason: `RBAC: allowed by ${grant.text}` };
      }
      return missing.length === 0 ? REFUSED : { allowed: false, reason: `RBAC: ${aggregate(missing)}` };
    },
    rulesFor(user, namespace) {
      const rules: PolicyRule[] = [];
      const missing: { kind: string; name: string }[] = [];
      for (const grant of bindings.of(user, namespace)) {
        const role = roles.find(grant.roleRef, grant.namespace);
        if (role === undefined) missing.push({ kind: grant.roleRef.kind, name: grant.roleRef.name });
        else rules.push(...role.rules);
      }
      return { rules, missing };
    },
    rulesOfRole: (ref, namespace) => roles.find(ref, namespace)?.rules,
  };
}

const PRIVILEGED: Decision = { allowed: true, reason: "" };
const REFUSED: Decision = { allowed: false, reason: "" };

function missingText({ roleRef }: Grant): string {
  return `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io "${roleRef.name}" not found`;
}

/** Several errors as one text: `[a, b]`; one stands alone, repetitions are named once. */
export function aggregate(texts: readonly string[]): string {
  const distinct = [...new Set(texts)];
  return distinct.length === 1 ? (distinct[0] as string) : `[${distinct.join(", ")}]`;
}
