import { type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { byteLength, qualifiedName } from "../../../schema/name-rules.ts";
import { setDefault, text, textMap } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { each, IMMUTABLE, oneOf } from "../rules/scalar-rules.ts";

const MAX_PARAMETERS = 512;
const MAX_PARAMETER_BYTES = 262_144;

/** StorageClasses. */
export const storageClassBehaviour: KindBehaviour = {
  defaults(object) {
    setDefault(object, "reclaimPolicy", "Delete");
    setDefault(object, "volumeBindingMode", "Immediate");
  },
  validate: problems,
  validateUpdate: (next, old) => [...problems(next), ...changeProblems(next, old)],
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const provisioner = text(object, "provisioner");
  if (provisioner === "") errors.push(required("provisioner"));
  else each(errors, "provisioner", provisioner.toLowerCase(), qualifiedName);
  parametersRule(errors, textMap(object, "parameters"));
  oneOf(errors, text(object, "reclaimPolicy"), "reclaimPolicy", ["Delete", "Retain"]);
  oneOf(errors, text(object, "volumeBindingMode"), "volumeBindingMode", ["Immediate", "WaitForFirstConsumer"]);
  return errors;
}

function parametersRule(errors: FieldError[], parameters: Readonly<Record<string, string>>): void {
  const keys = Object.keys(parameters);
  if (keys.length > MAX_PARAMETERS) {
    errors.push({
      type: "FieldValueTooLong",
      field: "parameters",
      detail: `may not be more than ${MAX_PARAMETERS} bytes`,
    });
    return;
  }
  let bytes = 0;
  for (const key of keys) {
    if (key === "") errors.push(invalid("parameters", key, "field can not be empty."));
    bytes += byteLength(key) + byteLength(parameters[key] as string);
  }
  if (bytes > MAX_PARAMETER_BYTES) {
    errors.push({
      type: "FieldValueTooLong",
      field: "parameters",
      detail: `may not be more than ${MAX_PARAMETER_BYTES} bytes`,
    });
  }
}

function changeProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["parameters", "provisioner", "reclaimPolicy"]) {
    const empty = name === "parameters" ? {} : "";
    if (!jsonEqual(next[name] ?? empty, old[name] ?? empty)) {
      errors.push(forbidden(name, `updates to ${name} are forbidden.`));
    }
  }
  if (next["volumeBindingMode"] !== old["volumeBindingMode"]) {
    errors.push(invalid("volumeBindingMode", next["volumeBindingMode"], IMMUTABLE));
  }
  return errors;
}
