import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, type Fields, flag, has, maybe, setDefault, text, textMap } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { defaultPodTemplate } from "../pods/pod-defaults.ts";
import { IMMUTABLE } from "../rules/scalar-rules.ts";
import { selectorJson, selectorMatches, selectorRule, sorted } from "../rules/selector-rules.ts";
import { jobSpecRule } from "./job-spec-rules.ts";

const UID_LABEL = "batch.kubernetes.io/controller-uid";
const NAME_LABEL = "batch.kubernetes.io/job-name";
const OLD_UID_LABEL = "controller-uid";
const OLD_NAME_LABEL = "job-name";
const MAX_INT32 = 2_147_483_647;

/** Jobs. Their selector is made from the uid, which has to be there before they are prepared. */
export const jobBehaviour: KindBehaviour = {
  generation: true,
  defaults: defaultJob,
  prepareForCreate: prepareJob,
  validate: jobProblems,
  validateUpdate: (next, old) => [...jobProblems(next), ...changeProblems(next, old)],
  selectableFieldNames: ["status.successful"],
  selectableFields: (object) => ({ "status.successful": String(child(object, "status")["succeeded"] ?? 0) }),
};

function defaultJob(object: KubeObject): void {
  const spec = child(object, "spec");
  defaultPodTemplate(spec);
  if (!has(spec, "completions") && !has(spec, "parallelism")) {
    spec["completions"] = 1;
    spec["parallelism"] = 1;
  }
  setDefault(spec, "parallelism", 1);
  setDefault(spec, "backoffLimit", has(spec, "backoffLimitPerIndex") ? MAX_INT32 : 6);
  setDefault(spec, "completionMode", "NonIndexed");
  setDefault(spec, "suspend", false);
  setDefault(spec, "manualSelector", false);
  setDefault(spec, "podReplacementPolicy", has(spec, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  labelLikeTemplate(object);
}

/** A job without labels of its own carries those of its pods. */
function labelLikeTemplate(object: KubeObject): void {
  const labels = textMap(child(child(child(object, "spec"), "template"), "metadata"), "labels");
  if (Object.keys(object.metadata.labels ?? {}).length > 0 || Object.keys(labels).length === 0) return;
  object.metadata.labels = { ...labels };
}

function prepareJob(object: KubeObject): void {
  const spec = child(object, "spec");
  if (flag(spec, "manualSelector")) return;
  const { uid = "", name = "" } = object.metadata;
  const metadata = child(child(spec, "template"), "metadata");
  const labels: Record<string, string> = { ...textMap(metadata, "labels") };
  for (const label of [UID_LABEL, OLD_UID_LABEL]) labels[label] ??= uid;
  for (const label of [NAME_LABEL, OLD_NAME_LABEL]) labels[label] ??= name;
  metadata["labels"] = labels;
  const selector: Fields = { ...child(spec, "selector") };
  selector["matchLabels"] = { [UID_LABEL]: uid, ...child(selector, "matchLabels") };
  spec["selector"] = selector;
  labelLikeTemplate(object);
}

function jobProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  generatedSelectorRule(errors, object, spec);
  jobSpecRule(errors, spec, "spec");
  const labels = textMap(child(child(spec, "template"), "metadata"), "labels");
  const selector = maybe(spec, "selector");
  if (selector === undefined) {
    errors.push(required("spec.selector"));
    return errors;
  }
  selectorRule(errors, selector, "spec.selector");
  if (!selectorMatches(selector, labels)) {
    const shown = Object.keys(labels).length === 0 ? null : sorted(labels);
    errors.push(invalid("spec.template.metadata.labels", shown, "`selector` does not match template `labels`"));
  }
  return errors;
}

function generatedSelectorRule(errors: FieldError[], object: KubeObject, spec: Fields): void {
  const selector = maybe(spec, "selector");
  if (flag(spec, "manualSelector") || selector === undefined) return;
  const { uid = "", name = "" } = object.metadata;
  if (uid === "") errors.push(required("metadata.uid"));
  const expected = { [UID_LABEL]: uid, [OLD_UID_LABEL]: uid, [NAME_LABEL]: name, [OLD_NAME_LABEL]: name };
  const labels = textMap(child(child(spec, "template"), "metadata"), "labels");
  for (const [label, value] of Object.entries(expected)) {
    const actual = labels[label];
    if (actual === undefined) errors.push(required("spec.template.metadata.labels", `must be '${value}'`));
    else if (actual !== value)
      errors.push(invalid("spec.template.metadata.labels", sorted(labels), `must be '${value}'`));
  }
  if (!selectorMatches(selector, expected)) {
    errors.push(invalid("spec.selector", selectorJson(spec, "selector"), "`selector` not auto-generated"));
  }
}

function changeProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const now = child(next, "spec");
  const was = child(old, "spec");
  const stays = (name: string) => {
    if (!jsonEqual(now[name] ?? null, was[name] ?? null)) {
      const shown = name === "selector" ? selectorJson(now, name) : (now[name] ?? null);
      errors.push(invalid(`spec.${name}`, shown, IMMUTABLE));
    }
  };
  if (!mayScale(now, was)) stays("completions");
  stays("selector");
  if (!mayChangeTemplate(was, old)) stays("template");
  for (const name of ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
    stays(name);
  return errors;
}

/** Indexed jobs may be scaled when both numbers change together. */
function mayScale(now: Fields, was: Fields): boolean {
  return (
    text(was, "completionMode") === "Indexed" && has(now, "completions") && now["completions"] === now["parallelism"]
  );
}

/** The template of a job that is suspended and has not started may still change where it schedules. */
function mayChangeTemplate(was: Fields, old: KubeObject): boolean {
  return flag(was, "suspend") && !has(child(old, "status"), "startTime");
}
