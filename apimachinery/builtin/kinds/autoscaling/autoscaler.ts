// HorizontalPodAutoscalers of autoscaling/v2, the form in which they are kept.
import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { pathSegment } from "../../../schema/name-rules.ts";
import { quantityNano } from "../decode/quantity.ts";
import { child, count, type Fields, has, items, maybe, maybeCount, setDefault, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { each, noneNegative, oneOf } from "../rules/scalar-rules.ts";
import { selectorRule } from "../rules/selector-rules.ts";

const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;

/** Horizontal pod autoscalers. */
export const autoscalerBehaviour: KindBehaviour = {
  defaults: defaultAutoscaler,
  validate: autoscalerProblems,
  validateStatusUpdate(next) {
    const errors: FieldError[] = [];
    noneNegative(errors, child(next, "status"), "status", ["currentReplicas", "desiredReplicas"]);
    return errors;
  },
};

/** Fills in replicas, a metric where there is none, and the half of a behaviour that is not said. */
export function defaultAutoscaler(object: KubeObject): void {
  const spec = child(object, "spec");
  setDefault(spec, "minReplicas", 1);
  if (items(spec, "metrics").length === 0) {
    const target = { type: "Utilization", averageUtilization: 80 };
    spec["metrics"] = [{ type: "Resource", resource: { name: "cpu", target } }];
  }
  const behavior = maybe(spec, "behavior");
  if (behavior === undefined) return;
  const up = {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 4, periodSeconds: 15 },
      { type: "Percent", value: 100, periodSeconds: 15 },
    ],
  };
  const down = { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] };
  behavior["scaleUp"] = { ...up, ...child(behavior, "scaleUp") };
  behavior["scaleDown"] = { ...down, ...child(behavior, "scaleDown") };
}

/** What is wrong with an autoscaler. */
export function autoscalerProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const least = maybeCount(spec, "minReplicas");
  const most = count(spec, "maxReplicas");
  if (least !== undefined && least < 1) {
    errors.push(invalid("spec.minReplicas", least, "must be greater than or equal to 1"));
  }
  if (most < 1) errors.push(invalid("spec.maxReplicas", most, "must be greater than 0"));
  if (least !== undefined && most < least) {
    errors.push(invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"));
  }
  targetRule(errors, child(spec, "scaleTargetRef"), "spec.scaleTargetRef", true);
  for (const [i, metric] of items(spec, "metrics").entries()) metricRule(errors, metric, `spec.metrics[${i}]`);
  for (const direction of ["scaleUp", "scaleDown"]) {
    const rules = maybe(child(spec, "behavior"), direction);
    if (rules !== undefined) scalingRule(errors, rules, `spec.behavior.${direction}`);
  }
  return errors;
}

function targetRule(errors: FieldError[], reference: Fields, path: string, needsGroup: boolean): void {
  for (const name of ["kind", "name"]) {
    const value = text(reference, name);
    if (value === "") errors.push(required(`${path}.${name}`));
    else each(errors, `${path}.${name}`, value, pathSegment);
  }
  const apiVersion = text(reference, "apiVersion");
  if (needsGroup && apiVersion === "") {
    errors.push(invalid(`${path}.apiVersion`, "", "apiVersion must specify API group"));
  }
}

/** Type of a metric -> the member that describes it. */
const SOURCES: Readonly<Record<string, string>> = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
};
const TYPES = Object.keys(SOURCES);

function metricRule(errors: FieldError[], metric: Fields, path: string): void {
  const type = text(metric, "type");
  if (type === "") errors.push(required(`${path}.type`, "must specify a metric source type"));
  else oneOf(errors, type, `${path}.type`, TYPES);
  for (const member of Object.values(SOURCES)) {
    const source = maybe(metric, member);
    if (source !== undefined && member === SOURCES[type]) sourceRule(errors, type, source, `${path}.${member}`);
    else if (source !== undefined) {
      const detail = "must populate the given metric source only";
      errors.push({ type: "FieldValueForbidden", field: `${path}.${member}`, detail });
    }
  }
  const expected = SOURCES[type];
  if (expected !== undefined && maybe(metric, expected) === undefined) {
    errors.push(required(`${path}.${expected}`, "must populate information for the given metric source"));
  }
}

function sourceRule(errors: FieldError[], type: string, source: Fields, path: string): void {
  const target = child(source, "target");
  const at = `${path}.target`;
  if (type === "Object") targetRule(errors, child(source, "describedObject"), `${path}.describedObject`, false);
  if (type === "Resource" || type === "ContainerResource") {
    if (text(source, "name") === "") errors.push(required(`${path}.name`, "must specify a resource name"));
    if (type === "ContainerResource" && text(source, "container") === "") {
      errors.push(required(`${path}.container`, "must specify a container"));
    }
  } else {
    const metric = child(source, "metric");
    const name = text(metric, "name");
    if (name === "") errors.push(required(`${path}.metric.name`, "must specify a metric name"));
    else each(errors, `${path}.metric.name`, name, pathSegment);
    selectorRule(errors, maybe(metric, "selector"), `${path}.metric.selector`);
  }
  valuesRule(errors, target, at);
  neededValueRule(errors, type, target, at);
}

function valuesRule(errors: FieldError[], target: Fields, path: string): void {
  const type = text(target, "type");
  if (type === "") errors.push(required(`${path}.type`, "must specify a metric target type"));
  else if (!["Utilization", "Value", "AverageValue"].includes(type)) {
    errors.push(invalid(`${path}.type`, type, "must be either Utilization, Value, or AverageValue"));
  }
  for (const name of ["value", "averageValue"]) {
    if (has(target, name) && quantityNano(target[name]) <= 0n)
      errors.push(invalid(`${path}.${name}`, target[name], "must be positive"));
  }
  if (has(target, "averageUtilization") && count(target, "averageUtilization") < 1) {
    errors.push(invalid(`${path}.averageUtilization`, target["averageUtilization"], "must be greater than 0"));
  }
}

function neededValueRule(errors: FieldError[], type: string, target: Fields, path: string): void {
  if (type === "Pods") {
    if (!has(target, "averageValue")) {
      errors.push(required(`${path}.averageValue`, "must specify a positive target averageValue"));
    }
  } else if (type === "Resource" || type === "ContainerResource") {
    if (!has(target, "averageUtilization") && !has(target, "averageValue")) {
      errors.push(required(`${path}.averageUtilization`, "must set either a target raw value or a target utilization"));
    } else if (has(target, "averageUtilization") && has(target, "averageValue")) {
      const detail = "may not set both a target raw value and a target utilization";
      errors.push({ type: "FieldValueForbidden", field: `${path}.averageValue`, detail });
    }
  } else if (!has(target, "value") && !has(target, "averageValue")) {
    errors.push(required(`${path}.averageValue`, "must set either a target value for metric or a per-pod target"));
  }
}

function scalingRule(errors: FieldError[], rules: Fields, path: string): void {
  const window = rules["stabilizationWindowSeconds"];
  if (typeof window === "number" && window < 0) {
    errors.push(invalid(`${path}.stabilizationWindowSeconds`, window, "must be greater than or equal to zero"));
  }
  if (typeof window === "number" && window > MAX_WINDOW_SECONDS) {
    const detail = `must be less than or equal to ${MAX_WINDOW_SECONDS}`;
    errors.push(invalid(`${path}.stabilizationWindowSeconds`, window, detail));
  }
  if (has(rules, "selectPolicy")) {
    oneOf(errors, text(rules, "selectPolicy"), `${path}.selectPolicy`, ["Disabled", "Max", "Min"]);
  }
  const policies = items(rules, "policies");
  if (policies.length === 0) errors.push(required(`${path}.policies`, "must specify at least one Policy"));
  for (const [i, policy] of policies.entries()) {
    const at = `${path}.policies[${i}]`;
    oneOf(errors, text(policy, "type"), `${at}.type`, ["Percent", "Pods"]);
    if (count(policy, "value") <= 0)
      errors.push(invalid(`${at}.value`, count(policy, "value"), "must be greater than zero"));
    const period = count(policy, "periodSeconds");
    if (period <= 0) errors.push(invalid(`${at}.periodSeconds`, period, "must be greater than zero"));
    if (period > MAX_PERIOD_SECONDS) {
      errors.push(invalid(`${at}.periodSeconds`, period, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
    }
  }
}
