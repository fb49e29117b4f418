// Rules that the controllers of pods share: replicas, selector, template.
import { type FieldError, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, type Fields, has, maybe, text, textMap } from "../fields.ts";
import { podTemplateRule } from "../pods/pod-rules.ts";
import { IMMUTABLE } from "../rules/scalar-rules.ts";
import { isEmptySelector, selectorJson, selectorMatches, selectorRule, sorted } from "../rules/selector-rules.ts";

/** spec.selector: there, not empty, well-formed. */
export function workloadSelectorRule(errors: FieldError[], spec: Fields, kind: string): void {
  if (!has(spec, "selector")) {
    errors.push(required("spec.selector"));
    return;
  }
  selectorRule(errors, maybe(spec, "selector"), "spec.selector");
  if (isEmptySelector(spec, "selector")) {
    errors.push(invalid("spec.selector", selectorJson(spec, "selector"), `empty selector is invalid for ${kind}`));
  }
}

/** The selector has to match the labels of the template. */
export function selectorMatchesTemplate(errors: FieldError[], spec: Fields): void {
  const labels = textMap(child(child(spec, "template"), "metadata"), "labels");
  const selector = maybe(spec, "selector");
  // A missing selector selects nothing.
  if (selector !== undefined && selectorMatches(selector, labels)) return;
  const shown = Object.keys(labels).length === 0 ? null : sorted(labels);
  errors.push(invalid("spec.template.metadata.labels", shown, "`selector` does not match template `labels`"));
}

/** The template of pods that always run. */
export function runningTemplateRule(errors: FieldError[], spec: Fields): void {
  podTemplateRule(errors, child(spec, "template"), "spec.template");
  const podSpec = child(child(spec, "template"), "spec");
  const policy = text(podSpec, "restartPolicy");
  if (policy !== "Always") errors.push(notSupported("spec.template.spec.restartPolicy", policy, ["Always"]));
}

/** spec.selector cannot change. */
export function selectorStays(next: KubeObject, old: KubeObject): FieldError[] {
  const now = child(next, "spec");
  if (jsonEqual(now["selector"], child(old, "spec")["selector"])) return [];
  return [invalid("spec.selector", selectorJson(now, "selector"), IMMUTABLE)];
}

/** Deadlines are for pods that end. */
export function noDeadline(errors: FieldError[], spec: Fields, kind: string): void {
  if (!has(child(child(spec, "template"), "spec"), "activeDeadlineSeconds")) return;
  errors.push({
    type: "FieldValueForbidden",
    field: "spec.template.spec.activeDeadlineSeconds",
    detail: `activeDeadlineSeconds in ${kind} is not Supported`,
  });
}
