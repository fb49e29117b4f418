// Roles and their bindings. https://kubernetes.io/docs/reference/access-authn-authz/rbac/
import { type FieldError, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Label, dns1123Subdomain, pathSegment } from "../../../schema/name-rules.ts";
import { child, type Fields, items, maybe, setDefaultText, text, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { each } from "../rules/scalar-rules.ts";
import { selectorRule } from "../rules/selector-rules.ts";

const GROUP = "rbac.authorization.k8s.io";

/** Names of RBAC objects may have a colon: they only need to be one segment of a path. */
const NAMED: KindBehaviour = { nameProblems: pathSegment, createOnUpdate: true };

/** Storage does not tell no rules from an empty list of them. */
function forgetEmptyRules(object: KubeObject): void {
  if (items(object, "rules").length === 0) object["rules"] = null;
}

export const roleBehaviour: KindBehaviour = {
  ...NAMED,
  prepareForCreate: forgetEmptyRules,
  prepareForUpdate: forgetEmptyRules,
  validate: (object) => ruleProblems(object, true),
};

export const clusterRoleBehaviour: KindBehaviour = {
  ...NAMED,
  prepareForCreate: forgetEmptyRules,
  prepareForUpdate: forgetEmptyRules,
  validate(object) {
    const errors = ruleProblems(object, false);
    const aggregation = maybe(object, "aggregationRule");
    if (aggregation === undefined) return errors;
    const path = "aggregationRule.clusterRoleSelectors";
    const selectors = items(aggregation, "clusterRoleSelectors");
    if (selectors.length === 0) {
      errors.push(required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil"));
    }
    for (const [i, selector] of selectors.entries()) selectorRule(errors, selector, `${path}[${i}]`);
    return errors;
  },
};

export const roleBindingBehaviour: KindBehaviour = bindingBehaviour(["Role", "ClusterRole"]);
export const clusterRoleBindingBehaviour: KindBehaviour = bindingBehaviour(["ClusterRole"]);

function ruleProblems(object: KubeObject, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, rule] of items(object, "rules").entries()) policyRule(errors, rule, `rules[${i}]`, namespaced);
  return errors;
}

function policyRule(errors: FieldError[], rule: Fields, path: string, namespaced: boolean): void {
  const resources = texts(rule, "resources");
  const groups = texts(rule, "apiGroups");
  const urls = texts(rule, "nonResourceURLs");
  if (texts(rule, "verbs").length === 0)
    errors.push(required(`${path}.verbs`, "verbs must contain at least one value"));
  if (urls.length > 0) {
    const at = `${path}.nonResourceURLs`;
    if (namespaced) errors.push(invalid(at, urls, "namespaced rules cannot apply to non-resource URLs"));
    if (groups.length > 0 || resources.length > 0 || texts(rule, "resourceNames").length > 0) {
      errors.push(invalid(at, urls, "rules cannot apply to both regular resources and non-resource URLs"));
    }
    return;
  }
  if (groups.length === 0) {
    errors.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  }
  if (resources.length === 0) {
    errors.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  }
}

function bindingBehaviour(roleKinds: readonly string[]): KindBehaviour {
  const problems = (object: KubeObject) => bindingProblems(object, roleKinds);
  return {
    ...NAMED,
    defaults: defaultBinding,
    validate: problems,
    validateUpdate: (next, old) => [...problems(next), ...roleStays(next, old)],
  };
}

function defaultBinding(object: KubeObject): void {
  setDefaultText(child(object, "roleRef"), "apiGroup", GROUP);
  for (const subject of items(object, "subjects")) {
    const kind = text(subject, "kind");
    if (kind === "User" || kind === "Group") setDefaultText(subject, "apiGroup", GROUP);
  }
}

function bindingProblems(object: KubeObject, roleKinds: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const role = child(object, "roleRef");
  if (text(role, "apiGroup") !== GROUP) errors.push(notSupported("roleRef.apiGroup", text(role, "apiGroup"), [GROUP]));
  if (!roleKinds.includes(text(role, "kind"))) errors.push(notSupported("roleRef.kind", text(role, "kind"), roleKinds));
  const name = text(role, "name");
  if (name === "") errors.push(required("roleRef.name"));
  else each(errors, "roleRef.name", name, pathSegment);
  const namespaced = roleKinds.includes("Role");
  for (const [i, subject] of items(object, "subjects").entries()) {
    subjectRule(errors, subject, `subjects[${i}]`, namespaced);
  }
  return errors;
}

function subjectRule(errors: FieldError[], subject: Fields, path: string, namespaced: boolean): void {
  const kind = text(subject, "kind");
  const name = text(subject, "name");
  const group = text(subject, "apiGroup");
  if (name === "") errors.push(required(`${path}.name`));
  switch (kind) {
    case "ServiceAccount":
      if (name !== "") each(errors, `${path}.name`, name, dns1123Subdomain);
      if (group !== "") errors.push(notSupported(`${path}.apiGroup`, group, [""]));
      accountNamespace(errors, subject, path, namespaced);
      break;
    case "User":
    case "Group":
      if (group !== GROUP) errors.push(notSupported(`${path}.apiGroup`, group, [GROUP]));
      break;
    default:
      errors.push(notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"]));
  }
}

function accountNamespace(errors: FieldError[], subject: Fields, path: string, namespaced: boolean): void {
  const namespace = text(subject, "namespace");
  if (namespace !== "") each(errors, `${path}.namespace`, namespace, dns1123Label);
  else if (!namespaced) errors.push(required(`${path}.namespace`));
}

function roleStays(next: KubeObject, old: KubeObject): FieldError[] {
  if (jsonEqual(next["roleRef"], old["roleRef"])) return [];
  const role = child(next, "roleRef");
  const shown = { APIGroup: text(role, "apiGroup"), Kind: text(role, "kind"), Name: text(role, "name") };
  return [invalid("roleRef", shown, "cannot change roleRef")];
}
