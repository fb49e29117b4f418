// ValidatingAdmissionPolicies and their bindings.
import { type FieldError, invalid, notSupported, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Subdomain } from "../../../schema/name-rules.ts";
import { child, type Fields, has, items, maybe, setDefault, text, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { each, oneOf } from "../rules/scalar-rules.ts";
import { selectorRule } from "../rules/selector-rules.ts";
import { expressionRule } from "./expression-rules.ts";
import { conditionsRule } from "./webhook-configurations.ts";
import { operationsRule } from "./webhook-rules.ts";

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];

export const admissionPolicyBehaviour: KindBehaviour = {
  generation: true,
  unconditionalUpdate: false,
  defaults(object) {
    const spec = child(object, "spec");
    setDefault(spec, "failurePolicy", "Fail");
    defaultMatch(maybe(spec, "matchConstraints"));
  },
  validate: policyProblems,
};

export const admissionPolicyBindingBehaviour: KindBehaviour = {
  generation: true,
  unconditionalUpdate: false,
  defaults: (object) => defaultMatch(maybe(child(object, "spec"), "matchResources")),
  validate: bindingProblems,
};

function defaultMatch(match: Fields | undefined): void {
  if (match === undefined) return;
  setDefault(match, "matchPolicy", "Equivalent");
  setDefault(match, "namespaceSelector", {});
  setDefault(match, "objectSelector", {});
  for (const list of ["resourceRules", "excludeResourceRules"]) {
    for (const rule of items(match, list)) setDefault(rule, "scope", "*");
  }
}

function policyProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const policy = text(spec, "failurePolicy");
  if (policy === "") errors.push(required("spec.failurePolicy"));
  else oneOf(errors, policy, "spec.failurePolicy", ["Fail", "Ignore"]);
  const kind = maybe(spec, "paramKind");
  if (kind !== undefined) {
    for (const name of ["apiVersion", "kind"])
      if (text(kind, name) === "") errors.push(required(`spec.paramKind.${name}`));
  }
  const match = maybe(spec, "matchConstraints");
  if (match === undefined) errors.push(required("spec.matchConstraints"));
  else {
    matchRule(errors, match, "spec.matchConstraints");
    if (items(match, "resourceRules").length === 0) errors.push(required("spec.matchConstraints.resourceRules"));
  }
  conditionsRule(errors, items(spec, "matchConditions"), "spec.matchConditions");
  const variables = variablesRule(errors, spec);
  const validations = items(spec, "validations");
  const annotations = items(spec, "auditAnnotations");
  if (validations.length === 0 && annotations.length === 0) {
    errors.push(required("spec.validations", "validations or auditAnnotations must contain at least one item"));
    return errors;
  }
  for (const [i, validation] of validations.entries())
    validationRule(errors, validation, `spec.validations[${i}]`, variables);
  for (const [i, annotation] of annotations.entries()) {
    const at = `spec.auditAnnotations[${i}]`;
    if (text(annotation, "key") === "") errors.push(required(`${at}.key`));
    if (text(annotation, "valueExpression").trim() === "") {
      errors.push(required(`${at}.valueExpression`, "valueExpression is not specified"));
    }
  }
  return errors;
}

function matchRule(errors: FieldError[], match: Fields, path: string): void {
  oneOf(errors, text(match, "matchPolicy"), `${path}.matchPolicy`, ["Equivalent", "Exact"]);
  for (const name of ["namespaceSelector", "objectSelector"])
    selectorRule(errors, maybe(match, name), `${path}.${name}`);
  for (const list of ["resourceRules", "excludeResourceRules"]) {
    for (const [i, rule] of items(match, list).entries()) operationsRule(errors, rule, `${path}.${list}[${i}]`);
  }
}

/** @returns names that later expressions may use */
function variablesRule(errors: FieldError[], spec: Fields): readonly string[] {
  const names: string[] = [];
  for (const [i, variable] of items(spec, "variables").entries()) {
    const at = `spec.variables[${i}]`;
    const name = text(variable, "name");
    if (name === "") errors.push(required(`${at}.name`, "name is not specified"));
    else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      errors.push(invalid(`${at}.name`, name, "name is not a valid CEL identifier"));
    }
    if (names.includes(name))
      errors.push({ type: "FieldValueDuplicate", field: `${at}.name`, value: name, detail: "" });
    const expression = text(variable, "expression");
    if (expression.trim() === "") errors.push(required(`${at}.expression`, "expression is not specified"));
    else expressionRule(errors, expression, `${at}.expression`, { variables: names });
    names.push(name);
  }
  return names;
}

function validationRule(errors: FieldError[], validation: Fields, path: string, variables: readonly string[]): void {
  const message = text(validation, "message");
  const expression = text(validation, "expression");
  if (expression.trim() !== "") expressionRule(errors, expression, `${path}.expression`, { variables, result: "bool" });
  const shown = text(validation, "messageExpression");
  if (shown.trim() !== "") expressionRule(errors, shown, `${path}.messageExpression`, { variables, result: "string" });
  if (text(validation, "expression").trim() === "")
    errors.push(required(`${path}.expression`, "expression is not specified"));
  if (message !== "" && message.trim() === "") {
    errors.push(invalid(`${path}.message`, message, "message must be non-empty if specified"));
  } else if (/\n/.test(message))
    errors.push(invalid(`${path}.message`, message, "message must not contain line breaks"));
  else if (/\n/.test(text(validation, "expression")) && message === "") {
    errors.push(required(`${path}.message`, "message must be specified if expression contains line breaks"));
  }
  if (has(validation, "reason") && !REASONS.includes(text(validation, "reason"))) {
    errors.push(notSupported(`${path}.reason`, text(validation, "reason"), REASONS));
  }
}

function bindingProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const policy = text(spec, "policyName");
  if (policy === "") errors.push(required("spec.policyName"));
  else each(errors, "spec.policyName", policy, dns1123Subdomain);
  paramRule(errors, maybe(spec, "paramRef"));
  const match = maybe(spec, "matchResources");
  if (match !== undefined) matchRule(errors, match, "spec.matchResources");
  actionsRule(errors, texts(spec, "validationActions"));
  return errors;
}

function paramRule(errors: FieldError[], param: Fields | undefined): void {
  if (param === undefined) return;
  const path = "spec.paramRef";
  const name = text(param, "name");
  const selector = maybe(param, "selector");
  if (name !== "") each(errors, `${path}.name`, name, dns1123Subdomain);
  if (name !== "" && selector !== undefined) {
    errors.push({
      type: "FieldValueForbidden",
      field: `${path}.name`,
      detail: "name and selector are mutually exclusive",
    });
  } else if (name === "" && selector === undefined) {
    errors.push(required(path, "one of name or selector must be specified"));
  }
  selectorRule(errors, selector, `${path}.selector`);
  const action = text(param, "parameterNotFoundAction");
  if (action === "") errors.push(required(`${path}.parameterNotFoundAction`));
  else oneOf(errors, action, `${path}.parameterNotFoundAction`, ["Allow", "Deny"]);
}

const ACTIONS = ["Audit", "Deny", "Warn"];

function actionsRule(errors: FieldError[], actions: readonly string[]): void {
  const path = "spec.validationActions";
  if (actions.length === 0) errors.push(required(path, "at least one validation action is required"));
  for (const [i, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) errors.push(notSupported(`${path}[${i}]`, action, ACTIONS));
    if (actions.indexOf(action) !== i) {
      errors.push({ type: "FieldValueDuplicate", field: `${path}[${i}]`, value: action, detail: "" });
    }
  }
  if (actions.includes("Deny") && actions.includes("Warn")) {
    errors.push(
      invalid(
        path,
        actions,
        "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)",
      ),
    );
  }
}
