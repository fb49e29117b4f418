// What a pod's status says, in the words of the workload controllers.
import { conditionOf } from "../acting/conditions.ts";
import type { Pod } from "../acting/object-types.ts";

export function phaseOf(pod: Pod): string {
  return pod.status?.phase ?? "";
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Succeeded or failed: it will never run again. */
export function isFinished(pod: Pod): boolean {
  const phase = phaseOf(pod);
  return phase === "Succeeded" || phase === "Failed";
}

/** Counts as a replica: neither finished nor being deleted. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, "Ready")?.status === "True";
}

/** Since when the pod is ready, in milliseconds; undefined when it is not, or does not say. */
export function readySinceMs(pod: Pod): number | undefined {
  const condition = conditionOf(pod.status?.conditions, "Ready");
  if (condition?.status !== "True") return undefined;
  return timeMs(condition.lastTransitionTime);
}

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  if (!isReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const since = readySinceMs(pod);
  return since !== undefined && since + minReadySeconds * 1000 <= nowMs;
}

/** Milliseconds until the first ready pod that is not yet available becomes so; undefined when none will by itself. */
export function untilAvailableMs(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  let least: number | undefined;
  for (const pod of pods) {
    const since = readySinceMs(pod);
    if (since === undefined || isAvailable(pod, minReadySeconds, nowMs)) continue;
    const left = since + minReadySeconds * 1000 - nowMs;
    if (least === undefined || left < least) least = left;
  }
  return least;
}

/** A time of the API in milliseconds; undefined when it is absent. */
export function timeMs(time: string | null | undefined): number | undefined {
  if (time === undefined || time === null) return undefined;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}

/** When an object was created, in milliseconds; 0 when it does not say. */
export function createdMs(object: { readonly metadata: { readonly creationTimestamp?: string | null } }): number {
  return timeMs(object.metadata.creationTimestamp) ?? 0;
}

/** Oldest first; names decide between objects of the same second. */
export function byAge(
  a: { readonly metadata: { readonly creationTimestamp?: string | null; readonly name?: string } },
  b: { readonly metadata: { readonly creationTimestamp?: string | null; readonly name?: string } },
): number {
  const difference = createdMs(a) - createdMs(b);
  if (difference !== 0) return difference;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}
