import { type FieldError, forbidden, invalid, notSupported } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, count, type Fields, has, maybe, maybeCount, setDefault, setDefaultText, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { defaultPodTemplate } from "../pods/pod-defaults.ts";
import { atMostWhole, intOrPercent, noneNegative, notNegative, percentOrNumber } from "../rules/scalar-rules.ts";
import {
  noDeadline,
  runningTemplateRule,
  selectorMatchesTemplate,
  selectorStays,
  workloadSelectorRule,
} from "./template-rules.ts";

/** Deployments. */
export const deploymentBehaviour: KindBehaviour = {
  generation: true,
  defaults: defaultDeployment,
  prepareForUpdate: countAnnotations,
  validate: deploymentProblems,
  validateUpdate: (next, old) => [...deploymentProblems(next), ...selectorStays(next, old)],
  validateStatusUpdate: deploymentStatusProblems,
};

function defaultDeployment(object: KubeObject): void {
  const spec = child(object, "spec");
  defaultPodTemplate(spec);
  setDefault(spec, "replicas", 1);
  const strategy = child(spec, "strategy");
  setDefaultText(strategy, "type", "RollingUpdate");
  if (text(strategy, "type") === "RollingUpdate") {
    setDefault(strategy, "rollingUpdate", {});
    const rolling = child(strategy, "rollingUpdate");
    setDefault(rolling, "maxUnavailable", "25%");
    setDefault(rolling, "maxSurge", "25%");
  }
  setDefault(spec, "revisionHistoryLimit", 10);
  setDefault(spec, "progressDeadlineSeconds", 600);
}

/** A change of annotations is a change of what the deployment asks for. */
function countAnnotations(next: KubeObject, old: KubeObject): void {
  if (jsonEqual(next.metadata.annotations ?? {}, old.metadata.annotations ?? {})) return;
  next.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

function deploymentProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  notNegative(errors, spec["replicas"], "spec.replicas");
  workloadSelectorRule(errors, spec, "deployment");
  selectorMatchesTemplate(errors, spec);
  runningTemplateRule(errors, spec);
  noDeadline(errors, spec, "ReplicaSet");
  strategyRule(errors, child(spec, "strategy"));
  noneNegative(errors, spec, "spec", ["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"]);
  const deadline = maybeCount(spec, "progressDeadlineSeconds");
  if (deadline !== undefined && deadline <= count(spec, "minReadySeconds")) {
    errors.push(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  }
  return errors;
}

function strategyRule(errors: FieldError[], strategy: Fields): void {
  const path = "spec.strategy";
  const type = text(strategy, "type");
  if (type === "Recreate") {
    if (has(strategy, "rollingUpdate")) {
      errors.push(forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"));
    }
  } else if (type === "RollingUpdate") {
    const rolling = maybe(strategy, "rollingUpdate");
    if (rolling === undefined) {
      errors.push({
        type: "FieldValueRequired",
        field: `${path}.rollingUpdate`,
        detail: "this should be defaulted and never be nil",
      });
    } else rollingRule(errors, rolling, `${path}.rollingUpdate`);
  } else {
    const shown = { Type: type, RollingUpdate: strategy["rollingUpdate"] ?? null };
    errors.push(notSupported(path, shown, ["Recreate", "RollingUpdate"]));
  }
}

function rollingRule(errors: FieldError[], rolling: Fields, path: string): void {
  const { maxUnavailable, maxSurge } = rolling;
  intOrPercent(errors, maxUnavailable, `${path}.maxUnavailable`);
  intOrPercent(errors, maxSurge, `${path}.maxSurge`);
  if (isWellFormedZero(maxUnavailable) && isWellFormedZero(maxSurge)) {
    errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  atMostWhole(errors, maxUnavailable, `${path}.maxUnavailable`);
}

function isWellFormedZero(value: unknown): boolean {
  return percentOrNumber(value) === 0;
}

function deploymentStatusProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const status = child(next, "status");
  noneNegative(errors, status, "status", [
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "collisionCount",
    "terminatingReplicas",
  ]);
  notMoreThan(errors, status, "updatedReplicas");
  notMoreThan(errors, status, "readyReplicas");
  notMoreThan(errors, status, "availableReplicas");
  const available = count(status, "availableReplicas");
  if (available > count(status, "readyReplicas")) {
    errors.push(invalid("status.availableReplicas", available, "cannot be greater than readyReplicas"));
  }
  const was = maybeCount(child(old, "status"), "collisionCount");
  const now = maybeCount(status, "collisionCount");
  if (was !== undefined && (now === undefined || now < was)) {
    errors.push(invalid("status.collisionCount", now ?? null, "cannot be decremented"));
  }
  return errors;
}

function notMoreThan(errors: FieldError[], status: Fields, name: string): void {
  const value = count(status, name);
  if (value > count(status, "replicas")) {
    errors.push(invalid(`status.${name}`, value, "cannot be greater than status.replicas"));
  }
}
