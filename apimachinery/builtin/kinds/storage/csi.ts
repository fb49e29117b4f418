// What storage drivers register: drivers, nodes, capacities, attachments.
import { duplicate, type FieldError, invalid, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Subdomain } from "../../../schema/name-rules.ts";
import { child, has, items, setDefault, text, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { each, IMMUTABLE, oneOf } from "../rules/scalar-rules.ts";

/** Names of drivers are not case sensitive. */
const driverName = (name: string): string[] => dns1123Subdomain(name.toLowerCase());

export const csiDriverBehaviour: KindBehaviour = {
  generation: true,
  unconditionalUpdate: false,
  nameProblems: driverName,
  defaults(object) {
    const spec = child(object, "spec");
    setDefault(spec, "attachRequired", true);
    setDefault(spec, "podInfoOnMount", false);
    setDefault(spec, "storageCapacity", false);
    setDefault(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
    if (texts(spec, "volumeLifecycleModes").length === 0) spec["volumeLifecycleModes"] = ["Persistent"];
    setDefault(spec, "requiresRepublish", false);
    setDefault(spec, "seLinuxMount", false);
  },
  validate: driverProblems,
  validateUpdate(next, old) {
    const errors = driverProblems(next);
    for (const name of ["attachRequired", "volumeLifecycleModes"]) {
      const [now, was] = [child(next, "spec")[name] ?? null, child(old, "spec")[name] ?? null];
      if (!jsonEqual(now, was)) errors.push(invalid(`spec.${name}`, now, IMMUTABLE));
    }
    return errors;
  },
};

function driverProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  for (const mode of texts(spec, "volumeLifecycleModes")) {
    oneOf(errors, mode, "spec.volumeLifecycleModes", ["Ephemeral", "Persistent"]);
  }
  oneOf(errors, text(spec, "fsGroupPolicy"), "spec.fsGroupPolicy", ["File", "None", "ReadWriteOnceWithFSType"]);
  return errors;
}

export const csiNodeBehaviour: KindBehaviour = {
  unconditionalUpdate: false,
  validate(object) {
    const errors: FieldError[] = [];
    const names = new Set<string>();
    for (const [i, driver] of items(child(object, "spec"), "drivers").entries()) {
      const path = `spec.drivers[${i}]`;
      const name = text(driver, "name");
      if (name === "") errors.push(required(`${path}.name`));
      else each(errors, `${path}.name`, name, driverName);
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
      if (text(driver, "nodeID") === "") errors.push(required(`${path}.nodeID`));
    }
    return errors;
  },
};

export const csiStorageCapacityBehaviour: KindBehaviour = {
  unconditionalUpdate: false,
  validate(object) {
    const errors: FieldError[] = [];
    const name = text(object, "storageClassName");
    each(errors, "storageClassName", name, dns1123Subdomain);
    return errors;
  },
};

export const volumeAttachmentBehaviour: KindBehaviour = {
  unconditionalUpdate: false,
  validate: attachmentProblems,
  validateUpdate(next, old) {
    if (jsonEqual(next["spec"], old["spec"])) return [];
    return [invalid("spec", next["spec"], IMMUTABLE)];
  },
};

function attachmentProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const source = child(spec, "source");
  if (text(spec, "attacher") === "") errors.push(required("spec.attacher"));
  if (text(spec, "nodeName") === "") errors.push(required("spec.nodeName"));
  if (!has(source, "persistentVolumeName") && !has(source, "inlineVolumeSpec")) {
    errors.push(required("spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName"));
  }
  return errors;
}
