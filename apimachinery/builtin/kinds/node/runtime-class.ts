import { type FieldError, invalid } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Label } from "../../../schema/name-rules.ts";
import { child, text, textMap } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { tolerationsRule } from "../pods/pod-rules.ts";
import { quantityRule, resourceName } from "../rules/resource-rules.ts";
import { each, IMMUTABLE } from "../rules/scalar-rules.ts";
import { labelsRule } from "../rules/selector-rules.ts";

/** RuntimeClasses. */
export const runtimeClassBehaviour: KindBehaviour = {
  unconditionalUpdate: false,
  validate: problems,
  validateUpdate(next, old) {
    return text(next, "handler") === text(old, "handler") ? [] : [invalid("handler", text(next, "handler"), IMMUTABLE)];
  },
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  each(errors, "handler", text(object, "handler"), dns1123Label);
  const fixed = textMap(child(object, "overhead"), "podFixed");
  for (const name of Object.keys(fixed).sort()) {
    resourceName(errors, name, `overhead.podFixed[${name}]`);
    quantityRule(errors, name, fixed[name] as string, `overhead.podFixed[${name}]`);
  }
  labelsRule(errors, textMap(child(object, "scheduling"), "nodeSelector"), "scheduling.nodeSelector");
  tolerationsRule(errors, child(object, "scheduling"), "scheduling.tolerations");
  return errors;
}
