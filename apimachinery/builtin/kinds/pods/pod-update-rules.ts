// What may change in a pod once it exists.
import { type FieldError, forbidden, invalid } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { qualifiedName } from "../../../schema/name-rules.ts";
import { child, type Fields, items, maybeCount, text, textMap } from "../fields.ts";
import { each } from "../rules/scalar-rules.ts";
import { tolerationsRule } from "./pod-rules.ts";

const ONLY_THESE =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const SAME_CONTAINERS = "pod updates may not add or remove containers";

/** What is wrong with a change of a pod. */
export function podUpdateProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(next, "spec");
  const before = child(old, "spec");
  if (!sameContainers(errors, spec, before)) return errors;
  deadlineRule(errors, spec, before);
  addedTolerations(errors, spec, before);
  gatesRule(errors, spec, before);
  if (errors.length > 0) return errors;
  if (!jsonEqual(withoutMutable(spec, before), before)) errors.push(forbidden("spec", ONLY_THESE));
  return errors;
}

function sameContainers(errors: FieldError[], spec: Fields, before: Fields): boolean {
  let same = true;
  for (const list of ["containers", "initContainers"]) {
    const now = items(spec, list);
    if (now.length !== items(before, list).length) {
      errors.push(forbidden(`spec.${list}`, SAME_CONTAINERS));
      same = false;
      continue;
    }
    for (const [i, container] of now.entries()) {
      const image = text(container, "image");
      if (image === "") errors.push({ type: "FieldValueRequired", field: `spec.${list}[${i}].image`, detail: "" });
      else if (image.trim() !== image) {
        errors.push(invalid(`spec.${list}[${i}].image`, image, "must not have leading or trailing whitespace"));
      }
    }
  }
  return same;
}

function deadlineRule(errors: FieldError[], spec: Fields, before: Fields): void {
  const path = "spec.activeDeadlineSeconds";
  const now = maybeCount(spec, "activeDeadlineSeconds");
  const was = maybeCount(before, "activeDeadlineSeconds");
  if (now !== undefined) {
    if (now < 0 || now > 2_147_483_647) {
      errors.push(invalid(path, now, "must be between 0 and 2147483647, inclusive"));
    } else if (was !== undefined && was < now) {
      errors.push(invalid(path, now, "must be less than or equal to previous value"));
    }
  } else if (was !== undefined)
    errors.push(invalid(path, null, "must not update from a positive integer to nil value"));
}

function addedTolerations(errors: FieldError[], spec: Fields, before: Fields): void {
  const now = items(spec, "tolerations");
  const kept = items(before, "tolerations").every((toleration) =>
    now.some((candidate) => jsonEqual({ ...candidate, tolerationSeconds: 0 }, { ...toleration, tolerationSeconds: 0 })),
  );
  if (!kept) {
    errors.push(forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"));
  } else tolerationsRule(errors, spec, "spec.tolerations");
}

function gatesRule(errors: FieldError[], spec: Fields, before: Fields): void {
  const known = new Set(items(before, "schedulingGates").map((gate) => text(gate, "name")));
  for (const [i, gate] of items(spec, "schedulingGates").entries()) {
    const name = text(gate, "name");
    if (known.has(name)) continue;
    errors.push(
      forbidden(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`),
    );
  }
}

/** The new spec with everything that may change as it was. */
function withoutMutable(spec: Fields, before: Fields): Fields {
  const same: Fields = { ...spec };
  for (const list of ["containers", "initContainers"]) {
    if (!Array.isArray(spec[list])) continue;
    const was = items(before, list);
    same[list] = items(spec, list).map((container, i) => ({ ...container, image: (was[i] as Fields)["image"] }));
  }
  for (const name of ["activeDeadlineSeconds", "tolerations", "schedulingGates"]) keepOld(same, before, name);
  if (
    maybeCount(spec, "terminationGracePeriodSeconds") === 1 &&
    (maybeCount(before, "terminationGracePeriodSeconds") ?? 0) < 0
  ) {
    keepOld(same, before, "terminationGracePeriodSeconds");
  }
  if (items(before, "schedulingGates").length > 0) {
    const wanted = textMap(before, "nodeSelector");
    const now = textMap(spec, "nodeSelector");
    if (Object.keys(wanted).every((key) => now[key] === wanted[key])) keepOld(same, before, "nodeSelector");
    if (child(before, "affinity")["nodeAffinity"] === undefined) keepOld(same, before, "affinity");
  }
  return same;
}

function keepOld(same: Fields, before: Fields, name: string): void {
  if (before[name] === undefined) delete same[name];
  else same[name] = before[name];
}

/** What is wrong with a change of the status of a pod. */
export function podStatusProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const status = child(next, "status");
  const nominated = text(status, "nominatedNodeName");
  if (nominated !== "" && /[^a-z0-9.-]/.test(nominated)) {
    errors.push(invalid("status.nominatedNodeName", nominated, "a valid node name is required"));
  }
  if (text(child(next, "spec"), "nodeName") !== text(child(old, "spec"), "nodeName")) {
    errors.push(forbidden("status.nodeName", "may not be changed directly"));
  }
  for (const [i, condition] of items(status, "conditions").entries()) {
    each(errors, `status.conditions[${i}].type`, text(condition, "type"), qualifiedName);
  }
  return errors;
}
