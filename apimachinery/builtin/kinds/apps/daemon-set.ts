import { type FieldError, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, type Fields, maybe, setDefault, setDefaultText, text } from "../fields.ts";
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

/** Counts the changes of the template; an old field that lives on as an annotation. */
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

/** DaemonSets. */
export const daemonSetBehaviour: KindBehaviour = {
  generation: true,
  defaults: defaultDaemonSet,
  prepareForCreate: (object) => setTemplateGeneration(object, Math.max(templateGeneration(object), 1)),
  prepareForUpdate(next, old) {
    const changed = !jsonEqual(child(next, "spec")["template"], child(old, "spec")["template"]);
    setTemplateGeneration(next, templateGeneration(old) + (changed ? 1 : 0));
  },
  validate: daemonSetProblems,
  validateUpdate: (next, old) => [...daemonSetProblems(next), ...selectorStays(next, old)],
  validateStatusUpdate: statusProblems,
};

function templateGeneration(object: KubeObject): number {
  const value = Number(object.metadata.annotations?.[TEMPLATE_GENERATION] ?? 0);
  return Number.isSafeInteger(value) ? value : 0;
}

function setTemplateGeneration(object: KubeObject, generation: number): void {
  object.metadata.annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

function defaultDaemonSet(object: KubeObject): void {
  if (object.metadata.annotations?.[TEMPLATE_GENERATION] === undefined) setTemplateGeneration(object, 0);
  const spec = child(object, "spec");
  defaultPodTemplate(spec);
  const strategy = child(spec, "updateStrategy");
  setDefaultText(strategy, "type", "RollingUpdate");
  if (text(strategy, "type") === "RollingUpdate") {
    setDefault(strategy, "rollingUpdate", {});
    const rolling = child(strategy, "rollingUpdate");
    setDefault(rolling, "maxUnavailable", 1);
    setDefault(rolling, "maxSurge", 0);
  }
  setDefault(spec, "revisionHistoryLimit", 10);
}

function daemonSetProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  workloadSelectorRule(errors, spec, "daemonset");
  selectorMatchesTemplate(errors, spec);
  runningTemplateRule(errors, spec);
  noDeadline(errors, spec, "DaemonSet");
  notNegative(errors, spec["minReadySeconds"], "spec.minReadySeconds");
  strategyRule(errors, child(spec, "updateStrategy"));
  notNegative(errors, spec["revisionHistoryLimit"], "spec.revisionHistoryLimit");
  return errors;
}

function strategyRule(errors: FieldError[], strategy: Fields): void {
  const path = "spec.updateStrategy";
  const type = text(strategy, "type");
  if (type === "OnDelete") return;
  if (type !== "RollingUpdate") {
    errors.push(notSupported(`${path}.type`, type, ["RollingUpdate", "OnDelete"]));
    return;
  }
  const rolling = maybe(strategy, "rollingUpdate");
  if (rolling === undefined) {
    errors.push(required(`${path}.rollingUpdate`));
    return;
  }
  const { maxUnavailable, maxSurge } = rolling;
  const at = `${path}.rollingUpdate`;
  intOrPercent(errors, maxUnavailable, `${at}.maxUnavailable`);
  atMostWhole(errors, maxUnavailable, `${at}.maxUnavailable`);
  intOrPercent(errors, maxSurge, `${at}.maxSurge`);
  atMostWhole(errors, maxSurge, `${at}.maxSurge`);
  const unavailable = percentOrNumber(maxUnavailable) !== 0;
  const surge = percentOrNumber(maxSurge) !== 0;
  if (unavailable && surge)
    errors.push(invalid(`${at}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"));
  else if (!unavailable && !surge) errors.push(required(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
}

function statusProblems(next: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  noneNegative(errors, child(next, "status"), "status", [
    "currentNumberScheduled",
    "numberMisscheduled",
    "desiredNumberScheduled",
    "numberReady",
    "observedGeneration",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
    "collisionCount",
  ]);
  return errors;
}
