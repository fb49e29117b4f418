// ResourceQuotas and LimitRanges.
import { duplicate, type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { qualifiedName } from "../../../schema/name-rules.ts";
import { quantityNano } from "../decode/quantity.ts";
import { child, type Fields, items, text, textMap, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { quantityRule, quotaResourceName, resourceName } from "../rules/resource-rules.ts";
import { each, IMMUTABLE } from "../rules/scalar-rules.ts";

/** ResourceQuotas. */
export const resourceQuotaBehaviour: KindBehaviour = {
  deleteReturnsObject: true,
  validate: quotaProblems,
  validateUpdate(next, old) {
    const errors = quotaProblems(next);
    const scopes = texts(child(next, "spec"), "scopes");
    const was = texts(child(old, "spec"), "scopes");
    if (!jsonEqual([...scopes].sort(), [...was].sort())) errors.push(invalid("spec.scopes", scopes, IMMUTABLE));
    return errors;
  },
  validateStatusUpdate(next) {
    const errors: FieldError[] = [];
    for (const list of ["hard", "used"]) amountsRule(errors, textMap(child(next, "status"), list), `status.${list}`);
    return errors;
  },
};

function amountsRule(errors: FieldError[], list: Readonly<Record<string, string>>, path: string): void {
  for (const name of Object.keys(list).sort()) {
    quotaResourceName(errors, name, `${path}[${name}]`);
    quantityRule(errors, name, list[name] as string, `${path}[${name}]`);
  }
}

function quotaProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const hard = textMap(spec, "hard");
  amountsRule(errors, hard, "spec.hard");
  scopesRule(errors, texts(spec, "scopes"), Object.keys(hard));
  return errors;
}

const SCOPES: ReadonlySet<string> = new Set([
  "Terminating",
  "NotTerminating",
  "BestEffort",
  "NotBestEffort",
  "PriorityClass",
  "CrossNamespacePodAffinity",
  "VolumeAttributesClass",
]);
const OF_PODS: ReadonlySet<string> = new Set([
  "pods",
  "count/pods",
  "cpu",
  "memory",
  "limits.cpu",
  "limits.memory",
  "requests.cpu",
  "requests.memory",
]);

function scopesRule(errors: FieldError[], scopes: readonly string[], resources: readonly string[]): void {
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) errors.push(invalid("spec.scopes", scopes, "unsupported scope"));
    else if (!resources.every((name) => fits(scope, name))) {
      errors.push(invalid("spec.scopes", scopes, "unsupported scope applied to resource"));
    }
  }
  for (const pair of [
    ["BestEffort", "NotBestEffort"],
    ["Terminating", "NotTerminating"],
  ]) {
    if (pair.every((scope) => scopes.includes(scope)))
      errors.push(invalid("spec.scopes", scopes, "conflicting scopes"));
  }
}

function fits(scope: string, resource: string): boolean {
  if (scope === "BestEffort") return resource === "pods" || resource === "count/pods";
  return OF_PODS.has(resource);
}

/** LimitRanges. */
export const limitRangeBehaviour: KindBehaviour = {
  createOnUpdate: true,
  defaults: defaultLimitRange,
  validate: limitRangeProblems,
};

/** For containers, what is not said follows from what is: the default is the maximum, the request the default. */
function defaultLimitRange(object: KubeObject): void {
  for (const limit of items(child(object, "spec"), "limits")) {
    if (text(limit, "type") !== "Container") continue;
    const standard = { ...textMap(limit, "max"), ...textMap(limit, "default") };
    if (Object.keys(standard).length > 0) limit["default"] = standard;
    const request = { ...textMap(limit, "min"), ...standard, ...textMap(limit, "defaultRequest") };
    if (Object.keys(request).length > 0) limit["defaultRequest"] = request;
  }
}

function limitRangeProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  for (const [i, limit] of items(child(object, "spec"), "limits").entries()) {
    const path = `spec.limits[${i}]`;
    const type = text(limit, "type");
    each(errors, `${path}.type`, type, qualifiedName);
    if (types.has(type)) errors.push(duplicate(`${path}.type`, type));
    types.add(type);
    limitRule(errors, limit, path, type);
  }
  return errors;
}

const PARTS = ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

function limitRule(errors: FieldError[], limit: Fields, path: string, type: string): void {
  const names = new Set(PARTS.flatMap((part) => Object.keys(textMap(limit, part))));
  if (type === "Pod") {
    for (const part of ["default", "defaultRequest"]) {
      if (Object.keys(textMap(limit, part)).length > 0) {
        errors.push(forbidden(`${path}.${part}`, "may not be specified when `type` is 'Pod'"));
      }
    }
  }
  if (
    type === "PersistentVolumeClaim" &&
    ["min", "max"].every((part) => textMap(limit, part)["storage"] === undefined)
  ) {
    errors.push(
      required(`${path}.limits`, "either minimum or maximum storage value is required, but neither was provided"),
    );
  }
  for (const name of [...names].sort()) {
    if (type === "Container" || type === "Pod")
      resourceName(errors, name, `${path}.${PARTS.find((p) => textMap(limit, p)[name] !== undefined)}[${name}]`);
    orderRule(errors, limit, path, name);
  }
}

function orderRule(errors: FieldError[], limit: Fields, path: string, name: string): void {
  const amount = (part: string) => textMap(limit, part)[name];
  const compare = (low: string, high: string, at: string, words: readonly [string, string]) => {
    const [a, b] = [amount(low), amount(high)];
    if (a === undefined || b === undefined || quantityNano(a) <= quantityNano(b)) return;
    const subject = at === low ? a : b;
    errors.push(
      invalid(`${path}.${at}[${name}]`, subject, `${words[0]} value ${a} is greater than ${words[1]} value ${b}`),
    );
  };
  compare("min", "max", "min", ["min", "max"]);
  compare("min", "defaultRequest", "defaultRequest", ["min", "default request"]);
  compare("defaultRequest", "max", "defaultRequest", ["default request", "max"]);
  compare("defaultRequest", "default", "defaultRequest", ["default request", "default limit"]);
  compare("min", "default", "default", ["min", "default"]);
  compare("default", "max", "default", ["default", "max"]);
  const ratio = amount("maxLimitRequestRatio");
  if (ratio !== undefined && quantityNano(ratio) < 1_000_000_000n) {
    errors.push(invalid(`${path}.maxLimitRequestRatio[${name}]`, ratio, `ratio ${ratio} is less than 1`));
  }
}
