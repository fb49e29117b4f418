import { duplicate, type FieldError, invalid, notSupported, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { qualifiedName } from "../../../schema/name-rules.ts";
import { child, type Fields, has, items, maybe, setDefault, text, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { each, oneOf } from "../rules/scalar-rules.ts";
import { selectorRule } from "../rules/selector-rules.ts";
import { expressionRule } from "./expression-rules.ts";
import { clientConfigRule, operationsRule, webhookName } from "./webhook-rules.ts";

const REVIEW_VERSIONS = ["v1", "v1beta1"];
const SIDE_EFFECTS = ["None", "NoneOnDryRun"];
const MAX_CONDITIONS = 64;

/** ValidatingWebhookConfigurations. */
export const validatingWebhooksBehaviour: KindBehaviour = {
  generation: true,
  unconditionalUpdate: false,
  defaults: defaultWebhooks,
  validate: problems,
};

/** MutatingWebhookConfigurations. */
export const mutatingWebhooksBehaviour: KindBehaviour = {
  ...validatingWebhooksBehaviour,
  defaults(object) {
    defaultWebhooks(object);
    for (const webhook of items(object, "webhooks")) setDefault(webhook, "reinvocationPolicy", "Never");
  },
};

function defaultWebhooks(object: KubeObject): void {
  for (const webhook of items(object, "webhooks")) {
    setDefault(webhook, "failurePolicy", "Fail");
    setDefault(webhook, "matchPolicy", "Equivalent");
    setDefault(webhook, "namespaceSelector", {});
    setDefault(webhook, "objectSelector", {});
    setDefault(webhook, "timeoutSeconds", 10);
    for (const rule of items(webhook, "rules")) setDefault(rule, "scope", "*");
    const service = maybe(child(webhook, "clientConfig"), "service");
    if (service !== undefined) setDefault(service, "port", 443);
  }
}

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, webhook] of items(object, "webhooks").entries()) {
    const path = `webhooks[${i}]`;
    webhookRule(errors, webhook, path);
    versionsRule(errors, texts(webhook, "admissionReviewVersions"), `${path}.admissionReviewVersions`);
    const name = text(webhook, "name");
    if (name === "") continue;
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
  }
  return errors;
}

function webhookRule(errors: FieldError[], webhook: Fields, path: string): void {
  webhookName(errors, text(webhook, "name"), `${path}.name`);
  for (const [i, rule] of items(webhook, "rules").entries()) operationsRule(errors, rule, `${path}.rules[${i}]`);
  const among = (name: string, allowed: readonly string[]) => {
    if (has(webhook, name)) oneOf(errors, text(webhook, name), `${path}.${name}`, allowed);
  };
  among("failurePolicy", ["Fail", "Ignore"]);
  among("matchPolicy", ["Equivalent", "Exact"]);
  const effects = text(webhook, "sideEffects");
  if (!has(webhook, "sideEffects")) {
    errors.push(required(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(", ")}`));
  } else if (!SIDE_EFFECTS.includes(effects)) errors.push(notSupported(`${path}.sideEffects`, effects, SIDE_EFFECTS));
  const timeout = webhook["timeoutSeconds"];
  if (typeof timeout === "number" && (timeout < 1 || timeout > 30)) {
    errors.push(invalid(`${path}.timeoutSeconds`, timeout, "the timeout value must be between 1 and 30 seconds"));
  }
  for (const name of ["namespaceSelector", "objectSelector"])
    selectorRule(errors, maybe(webhook, name), `${path}.${name}`);
  clientConfigRule(errors, webhook, path);
  among("reinvocationPolicy", ["IfNeeded", "Never"]);
  conditionsRule(errors, items(webhook, "matchConditions"), `${path}.matchConditions`);
}

function versionsRule(errors: FieldError[], versions: readonly string[], path: string): void {
  if (versions.length === 0) {
    errors.push(required(path, `must specify one of ${REVIEW_VERSIONS.join(", ")}`));
    return;
  }
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) !== i) errors.push(duplicate(`${path}[${i}]`, version));
    each(errors, `${path}[${i}]`, version, versionName);
  }
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    errors.push(invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(", ")}`));
  }
}

function versionName(version: string): string[] {
  return /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(version)
    ? []
    : [
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      ];
}

/** Conditions a request has to meet. */
export function conditionsRule(errors: FieldError[], conditions: readonly Fields[], path: string): void {
  if (conditions.length > MAX_CONDITIONS) {
    errors.push({
      type: "FieldValueTooMany",
      field: path,
      value: conditions.length,
      detail: `must have at most ${MAX_CONDITIONS} items`,
    });
    return;
  }
  const names = new Set<string>();
  for (const [i, condition] of conditions.entries()) {
    const at = `${path}[${i}]`;
    const name = text(condition, "name");
    const expression = text(condition, "expression");
    if (expression.trim() === "") errors.push(required(`${at}.expression`));
    else expressionRule(errors, expression, `${at}.expression`, { result: "bool" });
    if (name === "") errors.push(required(`${at}.name`));
    else each(errors, `${at}.name`, name, qualifiedName);
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
}
