// ReplicaSets and their elder kin, ReplicationControllers.
import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, count, type Fields, has, setDefault, textMap } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { defaultPodTemplate } from "../pods/pod-defaults.ts";
import { noneNegative, notNegative } from "../rules/scalar-rules.ts";
import { labelsRule, sorted } from "../rules/selector-rules.ts";
import {
  noDeadline,
  runningTemplateRule,
  selectorMatchesTemplate,
  selectorStays,
  workloadSelectorRule,
} from "./template-rules.ts";

export const replicaSetBehaviour: KindBehaviour = {
  generation: true,
  defaults(object) {
    const spec = child(object, "spec");
    defaultPodTemplate(spec);
    setDefault(spec, "replicas", 1);
  },
  validate: replicaSetProblems,
  validateUpdate: (next, old) => [...replicaSetProblems(next), ...selectorStays(next, old)],
  validateStatusUpdate: replicaStatusProblems,
  selectableFieldNames: ["status.replicas"],
  selectableFields: replicaFields,
};

export const replicationControllerBehaviour: KindBehaviour = {
  generation: true,
  defaults: defaultController,
  validate: controllerProblems,
  validateUpdate: (next) => controllerProblems(next),
  validateStatusUpdate: replicaStatusProblems,
  selectableFieldNames: ["status.replicas"],
  selectableFields: replicaFields,
};

function replicaFields(object: KubeObject): Record<string, string> {
  return { "status.replicas": String(count(child(object, "status"), "replicas")) };
}

function replicaSetProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  notNegative(errors, spec["replicas"], "spec.replicas");
  notNegative(errors, spec["minReadySeconds"], "spec.minReadySeconds");
  workloadSelectorRule(errors, spec, "deployment");
  selectorMatchesTemplate(errors, spec);
  runningTemplateRule(errors, spec);
  noDeadline(errors, spec, "ReplicaSet");
  return errors;
}

/** Counts of a status that cannot be more than there are replicas. */
function replicaStatusProblems(next: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const status = child(next, "status");
  const names = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"];
  noneNegative(errors, status, "status", ["replicas", ...names, "observedGeneration"]);
  for (const name of names) {
    const value = count(status, name);
    if (value > count(status, "replicas")) {
      errors.push(invalid(`status.${name}`, value, "cannot be greater than status.replicas"));
    }
  }
  const available = count(status, "availableReplicas");
  if (available > count(status, "readyReplicas")) {
    errors.push(invalid("status.availableReplicas", available, "cannot be greater than readyReplicas"));
  }
  return errors;
}

/** Selector and labels come from the template where they are left out. */
function defaultController(object: KubeObject): void {
  const spec = child(object, "spec");
  setDefault(spec, "replicas", 1);
  const template = child(spec, "template");
  if (has(spec, "template")) defaultPodTemplate(spec);
  const labels = textMap(child(template, "metadata"), "labels");
  if (Object.keys(labels).length === 0) return;
  if (Object.keys(child(spec, "selector")).length === 0) spec["selector"] = { ...labels };
  if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
}

function controllerProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  notNegative(errors, spec["minReadySeconds"], "spec.minReadySeconds");
  const selector = textMap(spec, "selector");
  labelsRule(errors, selector, "spec.selector");
  if (Object.keys(selector).length === 0) errors.push(required("spec.selector"));
  notNegative(errors, spec["replicas"], "spec.replicas");
  if (!has(spec, "template")) {
    errors.push(required("spec.template"));
    return errors;
  }
  plainSelectorMatches(errors, spec, selector);
  runningTemplateRule(errors, spec);
  noDeadline(errors, spec, "ReplicationController");
  return errors;
}

function plainSelectorMatches(errors: FieldError[], spec: Fields, selector: Readonly<Record<string, string>>): void {
  const labels = textMap(child(child(spec, "template"), "metadata"), "labels");
  if (Object.keys(selector).every((key) => Object.hasOwn(labels, key) && labels[key] === selector[key])) return;
  const shown = Object.keys(labels).length === 0 ? null : sorted(labels);
  errors.push(invalid("spec.template.metadata.labels", shown, "`selector` does not match template `labels`"));
}
