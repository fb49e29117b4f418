import { type FieldError, invalid } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, maybe, setDefaultText, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { IMMUTABLE } from "../rules/scalar-rules.ts";
import { ingressClassProblems, ingressProblems, newIngressProblems } from "./ingress-rules.ts";

/** Ingresses. */
export const ingressBehaviour: KindBehaviour = {
  generation: true,
  validate: newIngressProblems,
  validateUpdate: ingressProblems,
};

/** IngressClasses. */
export const ingressClassBehaviour: KindBehaviour = {
  generation: true,
  defaults(object) {
    const parameters = maybe(child(object, "spec"), "parameters");
    if (parameters !== undefined) setDefaultText(parameters, "scope", "Cluster");
  },
  validate: ingressClassProblems,
  validateUpdate: (next, old) => [...ingressClassProblems(next), ...controllerStays(next, old)],
};

function controllerStays(next: KubeObject, old: KubeObject): FieldError[] {
  const controller = text(child(next, "spec"), "controller");
  if (controller === text(child(old, "spec"), "controller")) return [];
  return [invalid("spec.controller", controller, IMMUTABLE)];
}
