import { type FieldError, forbidden, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Subdomain } from "../../../schema/name-rules.ts";
import { quantityNano } from "../decode/quantity.ts";
import { child, type Fields, has, maybe, setDefault, setDefaultText, text, textMap, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { each, oneOfIfSet } from "../rules/scalar-rules.ts";
import { selectorRule } from "../rules/selector-rules.ts";

export const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const PROTECTION = "kubernetes.io/pvc-protection";

/** PersistentVolumeClaims. */
export const volumeClaimBehaviour: KindBehaviour = {
  deleteReturnsObject: true,
  defaults(object) {
    setDefault(child(object, "spec"), "volumeMode", "Filesystem");
    if (has(object, "status")) setDefaultText(child(object, "status"), "phase", "Pending");
  },
  admit: protect,
  prepareForCreate(object) {
    protect(object);
    object["status"] = { phase: "Pending" };
  },
  validate: claimProblems,
  validateUpdate: (next, old) => [...claimProblems(next), ...changeProblems(next, old)],
};

function protect(object: KubeObject): void {
  addFinalizer(object, PROTECTION);
}

/** Holds an object that is in use until nobody uses it. */
export function addFinalizer(object: KubeObject, finalizer: string): void {
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
}

function claimProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  claimSpecRule(errors, child(object, "spec"), "spec");
  return errors;
}

/** The spec of a claim, or of a template for claims. */
export function claimSpecRule(errors: FieldError[], spec: Fields, path: string): void {
  const modes = texts(spec, "accessModes");
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, "at least 1 access mode is required"));
  selectorRule(errors, maybe(spec, "selector"), `${path}.selector`);
  accessModesRule(errors, modes, `${path}.accessModes`);
  const requests = textMap(child(spec, "resources"), "requests");
  const size = requests["storage"];
  if (size === undefined) errors.push(required(`${path}.resources[storage]`));
  else if (quantityNano(size) <= 0n)
    errors.push(invalid(`${path}.resources[storage]`, size, "must be greater than zero"));
  const className = text(spec, "storageClassName");
  if (className !== "") each(errors, `${path}.storageClassName`, className, dns1123Subdomain);
  oneOfIfSet(errors, spec["volumeMode"], `${path}.volumeMode`, ["Block", "Filesystem"]);
}

/** Access modes: known ones, and `ReadWriteOncePod` alone. */
export function accessModesRule(errors: FieldError[], modes: readonly string[], path: string): void {
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(path, mode, ACCESS_MODES));
  if (modes.length > 1 && modes.includes("ReadWriteOncePod")) {
    errors.push(forbidden(path, "may not use ReadWriteOncePod with other access modes"));
  }
}

const STAYS =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

function changeProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(next, "spec");
  const before = child(old, "spec");
  const bound = text(child(old, "status"), "phase") === "Bound";
  const same: Fields = { ...spec };
  if (text(before, "volumeName") === "") keep(same, before, "volumeName");
  if (!has(before, "storageClassName")) keep(same, before, "storageClassName");
  if (bound) {
    keep(same, before, "volumeAttributesClassName");
    const now = requestOf(spec);
    const resources: Fields = { ...child(spec, "resources"), requests: child(child(before, "resources"), "requests") };
    same["resources"] = resources;
    const given = textMap(child(old, "status"), "capacity")["storage"] ?? requestOf(before);
    if (quantityNano(now) < quantityNano(requestOf(before)) && quantityNano(now) < quantityNano(given)) {
      errors.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
    }
  }
  if (!jsonEqual(same, before)) errors.push(forbidden("spec", STAYS));
  return errors;
}

function requestOf(spec: Fields): string {
  return textMap(child(spec, "resources"), "requests")["storage"] ?? "0";
}

function keep(same: Fields, before: Fields, name: string): void {
  if (before[name] === undefined) delete same[name];
  else same[name] = before[name];
}
