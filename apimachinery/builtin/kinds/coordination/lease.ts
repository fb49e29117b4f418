import { type FieldError, invalid } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, has, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { notNegative } from "../rules/scalar-rules.ts";

/** Leases. A PUT of one that is not there makes it; a PUT has to say which version it replaces. */
export const leaseBehaviour: KindBehaviour = {
  unconditionalUpdate: false,
  createOnUpdate: true,
  validate: problems,
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const seconds = spec["leaseDurationSeconds"];
  if (typeof seconds === "number" && seconds <= 0) {
    errors.push(invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"));
  }
  notNegative(errors, spec["leaseTransitions"], "spec.leaseTransitions");
  if (has(spec, "preferredHolder") && text(spec, "strategy") === "") {
    errors.push({
      type: "FieldValueForbidden",
      field: "spec.preferredHolder",
      detail: "may only be specified if `strategy` is defined",
    });
  }
  return errors;
}
