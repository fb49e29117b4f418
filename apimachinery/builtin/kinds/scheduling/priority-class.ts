import { type FieldError, forbidden, notSupported } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { count, setDefault, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";

/** Above this only the system's own classes are. */
export const MAX_USER_PRIORITY = 1_000_000_000;
/** The classes every server has. */
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  "system-node-critical": 2_000_001_000,
  "system-cluster-critical": 2_000_000_000,
};

/** PriorityClasses. */
export const priorityClassBehaviour: KindBehaviour = {
  generation: true,
  defaults: (object) => setDefault(object, "preemptionPolicy", "PreemptLowerPriority"),
  validate: problems,
  validateUpdate: changeProblems,
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const name = object.metadata.name ?? "";
  const value = count(object, "value");
  if (name.startsWith("system-")) {
    const why = systemProblem(name, value, object);
    if (why !== undefined) {
      const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`;
      errors.push(forbidden("metadata.name", detail));
    }
  } else if (value > MAX_USER_PRIORITY) {
    errors.push(forbidden("value", `maximum allowed value of a user defined priority is ${MAX_USER_PRIORITY}`));
  }
  const policy = text(object, "preemptionPolicy");
  if (policy !== "PreemptLowerPriority" && policy !== "Never") {
    errors.push(notSupported("preemptionPolicy", policy, ["PreemptLowerPriority", "Never"]));
  }
  return errors;
}

function systemProblem(name: string, value: number, object: KubeObject): string | undefined {
  if (!Object.hasOwn(SYSTEM_PRIORITIES, name)) return `${name} is not a known system priority class`;
  if (SYSTEM_PRIORITIES[name] !== value) return `value of ${name} PriorityClass must be ${SYSTEM_PRIORITIES[name]}`;
  return object["globalDefault"] === true ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function changeProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["value", "preemptionPolicy"]) {
    if (next[name] !== old[name]) errors.push(forbidden(name, "may not be changed in an update."));
  }
  return errors;
}
