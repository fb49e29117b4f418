// Cells of the controllers of pods.
import type { KubeObject } from "../../../meta/types.ts";
import { ageOf } from "../../../table/human-duration.ts";
import { child, count, type Fields, flag, has, items, maybeCount, text, textMap } from "../fields.ts";
import { age, containerCells, durationBetween, labelsText, NONE, nameOf, selectorText } from "./cell-texts.ts";

function templateSpec(parent: Fields): Fields {
  return child(child(parent, "template"), "spec");
}

export function deploymentCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const status = child(object, "status");
  return [
    nameOf(object),
    `${count(status, "readyReplicas")}/${count(spec, "replicas")}`,
    count(status, "updatedReplicas"),
    count(status, "availableReplicas"),
    age(object, nowMs),
    ...containerCells(templateSpec(spec)),
    selectorText(spec, "selector"),
  ];
}

export function replicaSetCells(object: KubeObject, nowMs: number): unknown[] {
  return replicaCells(object, nowMs, selectorText(child(object, "spec"), "selector"));
}

export function replicationControllerCells(object: KubeObject, nowMs: number): unknown[] {
  return replicaCells(object, nowMs, labelsText(textMap(child(object, "spec"), "selector")));
}

function replicaCells(object: KubeObject, nowMs: number, selector: string): unknown[] {
  const spec = child(object, "spec");
  const status = child(object, "status");
  return [
    nameOf(object),
    count(spec, "replicas"),
    count(status, "replicas"),
    count(status, "readyReplicas"),
    age(object, nowMs),
    ...containerCells(templateSpec(spec)),
    selector,
  ];
}

export function statefulSetCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const ready = count(child(object, "status"), "readyReplicas");
  return [
    nameOf(object),
    `${ready}/${count(spec, "replicas")}`,
    age(object, nowMs),
    ...containerCells(templateSpec(spec)),
  ];
}

export function daemonSetCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const status = child(object, "status");
  return [
    nameOf(object),
    count(status, "desiredNumberScheduled"),
    count(status, "currentNumberScheduled"),
    count(status, "numberReady"),
    count(status, "updatedNumberScheduled"),
    count(status, "numberAvailable"),
    labelsText(textMap(templateSpec(spec), "nodeSelector")),
    age(object, nowMs),
    ...containerCells(templateSpec(spec)),
    selectorText(spec, "selector"),
  ];
}

export function jobCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const status = child(object, "status");
  return [
    nameOf(object),
    jobStatus(object, spec, status),
    jobCompletions(spec, status),
    has(status, "startTime")
      ? durationBetween(text(status, "startTime"), text(status, "completionTime") || undefined, nowMs)
      : "",
    age(object, nowMs),
    ...containerCells(templateSpec(spec)),
    selectorText(spec, "selector"),
  ];
}

function jobStatus(object: KubeObject, spec: Fields, status: Fields): string {
  const holds = (type: string) =>
    items(status, "conditions").some((c) => text(c, "type") === type && text(c, "status") === "True");
  if (holds("Complete")) return "Complete";
  if (holds("Failed")) return "Failed";
  if (object.metadata.deletionTimestamp !== undefined) return "Terminating";
  if (holds("Suspended") || flag(spec, "suspend")) return "Suspended";
  if (holds("FailureTarget")) return "FailureTarget";
  if (holds("SuccessCriteriaMet")) return "SuccessCriteriaMet";
  return "Running";
}

function jobCompletions(spec: Fields, status: Fields): string {
  const succeeded = count(status, "succeeded");
  const completions = maybeCount(spec, "completions");
  if (completions !== undefined) return `${succeeded}/${completions}`;
  const parallelism = count(spec, "parallelism");
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

export function cronJobCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const status = child(object, "status");
  const jobSpec = child(child(spec, "jobTemplate"), "spec");
  return [
    nameOf(object),
    text(spec, "schedule"),
    text(spec, "timeZone") || NONE,
    has(spec, "suspend") ? (flag(spec, "suspend") ? "True" : "False") : "<unset>",
    items(status, "active").length,
    has(status, "lastScheduleTime") ? ageOf(status["lastScheduleTime"], nowMs) : NONE,
    age(object, nowMs),
    ...containerCells(templateSpec(jobSpec)),
    selectorText(jobSpec, "selector"),
  ];
}

export function podTemplateCells(object: KubeObject): unknown[] {
  const template = child(object, "template");
  return [
    nameOf(object),
    ...containerCells(child(template, "spec")),
    labelsText(textMap(child(template, "metadata"), "labels")),
  ];
}

export function controllerRevisionCells(object: KubeObject, nowMs: number): unknown[] {
  const owner = (object.metadata.ownerReferences ?? []).find((reference) => reference.controller === true);
  return [nameOf(object), controllerName(owner), count(object, "revision"), age(object, nowMs)];
}

function controllerName(owner: { apiVersion: string; kind: string; name: string } | undefined): string {
  if (owner === undefined) return NONE;
  const slash = owner.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : `.${owner.apiVersion.slice(0, slash)}`;
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

export function disruptionBudgetCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const shown = (name: string) => (has(spec, name) ? String(spec[name]) : "N/A");
  return [
    nameOf(object),
    shown("minAvailable"),
    shown("maxUnavailable"),
    count(child(object, "status"), "disruptionsAllowed"),
    age(object, nowMs),
  ];
}
