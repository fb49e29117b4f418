// Nobody makes a role or binding that gives more than they hold, unless they may `escalate` or `bind`.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
import { goQuote } from "@holdfast/apimachinery/meta/field-error";
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { failure, forbiddenObject, objectNotFound } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Admission, AdmissionAttributes } from "../admission/admission.ts";
import { type RoleRef, readRoleRef } from "./rbac/binding-index.ts";
import { isRecord, type PolicyRule, rulesOf } from "./rbac/policy-rule.ts";
import { describeRules, FULL_AUTHORITY, quotedList, uncovered } from "./rbac/rule-coverage.ts";
import { aggregate, PRIVILEGED_GROUP, type RbacAuthorizer } from "./rbac-authorizer.ts";

const RBAC_GROUP = "rbac.authorization.k8s.io";

/**
 * The check as an admission plugin. It looks at what the mutating plugins before it leave, so it belongs at the end of the chain;
 * it refuses before the object is validated.
 */
export function createEscalationCheck(authorizer: RbacAuthorizer): Admission {
  return {
    async mutate(attributes) {
      const { type, object, operation, user } = attributes;
      if (type.group !== RBAC_GROUP || object === undefined || attributes.subresource !== "" || operation === "DELETE")
        return;
      if (user.groups.includes(PRIVILEGED_GROUP)) return;
      switch (type.plural) {
        case "roles":
        case "clusterroles":
          checkRole(authorizer, attributes, object);
          return;
        case "rolebindings":
        case "clusterrolebindings":
          checkBinding(authorizer, attributes, object);
          return;
        default:
      }
    },
    async validate() {},
  };
}

function checkRole(authorizer: RbacAuthorizer, attributes: AdmissionAttributes, role: KubeObject): void {
  const { type, user, namespace, oldObject } = attributes;
  const mayEscalate = authorizer.authorize({
    user,
    verb: "escalate",
    group: RBAC_GROUP,
    version: "*",
    resource: type.plural,
    subresource: "",
    namespace,
    // A request to create has no name in its path.
    name: oldObject === undefined ? "" : attributes.name,
  });
  if (mayEscalate.allowed || onlyGarbageFields(role, oldObject)) return;
  confirm(authorizer, attributes, rulesOf(role));
  if (!aggregates(role) && (oldObject === undefined || !aggregates(oldObject))) return;
  if (uncovered(authorizer.rulesFor(user, namespace).rules, FULL_AUTHORITY).length === 0) return;
  throw refused(attributes, "must have cluster-admin privileges to use the aggregationRule");
}

function aggregates(role: KubeObject): boolean {
  const rule = role["aggregationRule"];
  return isRecord(rule) && Array.isArray(rule["clusterRoleSelectors"]) && rule["clusterRoleSelectors"].length > 0;
}

function checkBinding(authorizer: RbacAuthorizer, attributes: AdmissionAttributes, binding: KubeObject): void {
  const { namespace, type } = attributes;
  if (onlyGarbageFields(binding, attributes.oldObject)) return;
  const ref = readRoleRef(binding);
  if (mayBind(authorizer, attributes, ref)) return;
  if (ref.kind !== "Role" && ref.kind !== "ClusterRole") {
    throw failure("", `unsupported role reference kind: ${goQuote(ref.kind)}`, { code: 500 });
  }
  const rules = authorizer.rulesOfRole(ref, namespace);
  if (rules === undefined) throw objectNotFound({ group: RBAC_GROUP, resource: type.plural }, ref.name);
  confirm(authorizer, attributes, rules);
}

function mayBind(authorizer: RbacAuthorizer, { user, namespace }: AdmissionAttributes, ref: RoleRef): boolean {
  const resource = ref.kind === "ClusterRole" ? "clusterroles" : ref.kind === "Role" ? "roles" : undefined;
  if (resource === undefined) return false;
  return authorizer.authorize({
    user,
    verb: "bind",
    group: ref.apiGroup,
    version: "*",
    resource,
    subresource: "",
    namespace,
    name: ref.name,
  }).allowed;
}

/** Who holds a role may always let the garbage collector do its work on it. */
function onlyGarbageFields(next: KubeObject, old: KubeObject | undefined): boolean {
  if (old === undefined) return false;
  const compared = (object: KubeObject) => {
    const { ownerReferences, finalizers, managedFields, ...metadata } = object.metadata;
    return { ...object, metadata };
  };
  return jsonEqual(compared(next), compared(old));
}

function confirm(authorizer: RbacAuthorizer, attributes: AdmissionAttributes, wanted: readonly PolicyRule[]): void {
  const { user, namespace, type } = attributes;
  const held = authorizer.rulesFor(user, namespace);
  const missing = uncovered(held.rules, wanted);
  if (missing.length === 0) return;
  const unresolved = held.missing.map(({ name }) => `${type.plural}.${RBAC_GROUP} "${name}" not found`);
  throw refused(
    attributes,
    `user ${goQuote(user.username)} (groups=${quotedList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${describeRules(missing).join("\n")}` +
      (unresolved.length === 0 ? "" : `; resolution errors: [${aggregate(unresolved)}]`),
  );
}

function refused({ type, object, name }: AdmissionAttributes, why: string): Error {
  return forbiddenObject({ group: RBAC_GROUP, resource: type.plural }, object?.metadata.name ?? name, why);
}
