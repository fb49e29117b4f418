import { type FieldError, invalid } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, type Fields, has, maybe } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { atMostWhole, intOrPercent, noneNegative, oneOfIfSet } from "../rules/scalar-rules.ts";
import { selectorJson, selectorRule } from "../rules/selector-rules.ts";

/** PodDisruptionBudgets. */
export const disruptionBudgetBehaviour: KindBehaviour = {
  generation: true,
  unconditionalUpdate: false,
  validate: problems,
  validateUpdate: problems,
  validateStatusUpdate(next) {
    const errors: FieldError[] = [];
    noneNegative(errors, child(next, "status"), "status", [
      "disruptionsAllowed",
      "currentHealthy",
      "desiredHealthy",
      "expectedPods",
    ]);
    return errors;
  },
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  if (has(spec, "minAvailable") && has(spec, "maxUnavailable")) {
    errors.push(invalid("spec", asStruct(spec), "minAvailable and maxUnavailable cannot be both set"));
  }
  for (const name of ["minAvailable", "maxUnavailable"]) {
    if (!has(spec, name)) continue;
    intOrPercent(errors, spec[name], `spec.${name}`);
    atMostWhole(errors, spec[name], `spec.${name}`);
  }
  selectorRule(errors, maybe(spec, "selector"), "spec.selector");
  oneOfIfSet(errors, spec["unhealthyPodEvictionPolicy"], "spec.unhealthyPodEvictionPolicy", [
    "AlwaysAllow",
    "IfHealthyBudget",
  ]);
  return errors;
}

/** The spec under the names of the original's struct: its texts show the whole of it. */
function asStruct(spec: Fields): Fields {
  return {
    MinAvailable: spec["minAvailable"] ?? null,
    Selector: selectorJson(spec, "selector"),
    MaxUnavailable: spec["maxUnavailable"] ?? null,
    UnhealthyPodEvictionPolicy: spec["unhealthyPodEvictionPolicy"] ?? null,
  };
}
