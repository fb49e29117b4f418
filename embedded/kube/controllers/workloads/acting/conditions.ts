import type { Condition } from "./object-types.ts";

/** The condition of that type; undefined when there is none. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True when the condition of that type says `True`. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === "True";
}

/** The conditions without those of that type. */
export function withoutCondition(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

/**
 * The conditions with `next` in the place of the one of its type, which goes to the end. One that says the same (status and reason)
 * stays as it is; one with the same status keeps the time of its last transition.
 */
export function withCondition(conditions: readonly Condition[], next: Condition): Condition[] {
  const current = conditionOf(conditions, next.type);
  if (current !== undefined && current.status === next.status && current.reason === next.reason) return [...conditions];
  const kept =
    current !== undefined && current.status === next.status && current.lastTransitionTime !== undefined
      ? { ...next, lastTransitionTime: current.lastTransitionTime }
      : next;
  return [...withoutCondition(conditions, next.type), kept];
}
