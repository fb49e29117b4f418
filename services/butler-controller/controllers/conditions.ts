import type { Reason } from "@holdfast/contracts/butler-api/names";

/** metav1.Condition as the Butler kinds carry it. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** What a controller found out about one aspect of an object. */
export interface Verdict {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: Reason;
  readonly message: string;
}

/** What verdicts are stamped with. */
export interface Stamp {
  readonly generation: number;
  /** RFC 3339. */
  readonly now: string;
}

/** The conditions with these verdicts laid over them: the time of a transition changes with the status only, the order stays. */
export function withVerdicts(
  before: readonly Condition[] | undefined,
  verdicts: readonly Verdict[],
  stamp: Stamp,
): Condition[] {
  const next = [...(before ?? [])];
  for (const verdict of verdicts) {
    const at = next.findIndex((condition) => condition.type === verdict.type);
    const former = next[at];
    const condition = {
      ...verdict,
      observedGeneration: stamp.generation,
      lastTransitionTime: former?.status === verdict.status ? former.lastTransitionTime : stamp.now,
    };
    if (at < 0) next.push(condition);
    else next[at] = condition;
  }
  return next;
}

/** Whether the condition of this type is True. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}
