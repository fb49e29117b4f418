import { type FieldError, forbidden, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Subdomain } from "../../../schema/name-rules.ts";
import { fieldsOf } from "../../type-table.ts";
import { quantityNano } from "../decode/quantity.ts";
import { child, type Fields, has, setDefault, setDefaultText, text, textMap, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { defaultVolumeSource } from "../pods/volume-defaults.ts";
import { volumeSourceRule } from "../pods/volume-rules.ts";
import { each, oneOf, oneOfIfSet } from "../rules/scalar-rules.ts";
import { sorted } from "../rules/selector-rules.ts";
import { accessModesRule, addFinalizer } from "./volume-claim.ts";

const PROTECTION = "kubernetes.io/pv-protection";
const POLICIES = ["Delete", "Recycle", "Retain"];
const SOURCES: readonly string[] = (fieldsOf("core/v1.PersistentVolumeSource") ?? []).map((field) => field.name);

/** PersistentVolumes. */
export const volumeBehaviour: KindBehaviour = {
  deleteReturnsObject: true,
  defaults(object) {
    const spec = child(object, "spec");
    setDefaultText(spec, "persistentVolumeReclaimPolicy", "Retain");
    setDefault(spec, "volumeMode", "Filesystem");
    defaultVolumeSource(spec);
    if (has(object, "status")) setDefaultText(child(object, "status"), "phase", "Pending");
  },
  admit: protect,
  prepareForCreate(object, now) {
    protect(object);
    const since = now ?? object.metadata.creationTimestamp ?? undefined;
    object["status"] = { phase: "Pending", ...(since === undefined ? {} : { lastPhaseTransitionTime: since }) };
  },
  validate: volumeProblems,
  validateUpdate: (next, old) => [...volumeProblems(next), ...changeProblems(next, old)],
  selectableFieldNames: ["name"],
  selectableFields: (object) => ({ name: object.metadata.name ?? "" }),
};

function protect(object: KubeObject): void {
  addFinalizer(object, PROTECTION);
}

function volumeProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const modes = texts(spec, "accessModes");
  if (modes.length === 0) errors.push(required("spec.accessModes"));
  accessModesRule(errors, modes, "spec.accessModes");
  capacityRule(errors, textMap(spec, "capacity"));
  const policy = text(spec, "persistentVolumeReclaimPolicy");
  if (policy !== "") oneOf(errors, policy, "spec.persistentVolumeReclaimPolicy", POLICIES);
  sourceRule(errors, spec);
  const path = text(child(spec, "hostPath"), "path");
  if (path === "/" && policy === "Recycle") {
    errors.push(forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'"));
  }
  const className = text(spec, "storageClassName");
  if (className !== "") each(errors, "spec.storageClassName", className, dns1123Subdomain);
  oneOfIfSet(errors, spec["volumeMode"], "spec.volumeMode", ["Block", "Filesystem"]);
  return errors;
}

function capacityRule(errors: FieldError[], capacity: Readonly<Record<string, string>>): void {
  const names = Object.keys(capacity);
  if (names.length === 0) errors.push(required("spec.capacity"));
  else if (names.length > 1 || capacity["storage"] === undefined) {
    errors.push(notSupported("spec.capacity", sorted(capacity), ["storage"]));
  }
  const size = capacity["storage"];
  if (size !== undefined && quantityNano(size) <= 0n) {
    errors.push(invalid("spec.capacity[storage]", size, "must be greater than zero"));
  }
}

function sourceRule(errors: FieldError[], spec: Fields): void {
  let found = false;
  for (const name of SOURCES) {
    if (!has(spec, name)) continue;
    if (found) errors.push(forbidden(`spec.${name}`, "may not specify more than 1 volume type"));
    else volumeSourceRule(errors, name, child(spec, name), `spec.${name}`);
    found = true;
  }
  if (!found) errors.push(required("spec", "must specify a volume type"));
}

function changeProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(next, "spec");
  const before = child(old, "spec");
  const sources = (of: Fields) => SOURCES.map((name) => of[name] ?? null);
  if (!jsonEqual(sources(spec), sources(before))) {
    errors.push(forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"));
  }
  for (const name of ["volumeMode", "nodeAffinity"]) {
    if (name === "nodeAffinity" && !has(before, name)) continue;
    if (!jsonEqual(spec[name] ?? null, before[name] ?? null)) {
      errors.push(invalid(`spec.${name}`, spec[name] ?? null, "field is immutable"));
    }
  }
  return errors;
}
