import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { has } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { IMMUTABLE, notNegative } from "../rules/scalar-rules.ts";

/** ControllerRevisions: snapshots that never change. */
export const controllerRevisionBehaviour: KindBehaviour = {
  validate: problems,
  validateUpdate(next, old) {
    const errors = problems(next);
    if (!jsonEqual(next["data"], old["data"])) errors.push(invalid("data", next["data"], IMMUTABLE));
    return errors;
  },
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (!has(object, "data")) errors.push(required("data", "data is mandatory"));
  notNegative(errors, object["revision"], "revision");
  return errors;
}
