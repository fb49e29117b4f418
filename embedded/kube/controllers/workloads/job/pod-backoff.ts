import type { Pod } from "../acting/object-types.ts";
import { createdMs, timeMs } from "../pods/pod-state.ts";

const FIRST_MS = 10_000;
const LAST_MS = 600_000;

/**
 * Milliseconds to wait before the next pod of a job is made: ten seconds after the first failure, twice as long after each further
 * one in a row, ten minutes at the most. 0 when there is nothing to wait for.
 */
export function backoffLeftMs(
  { succeeded, failed }: { readonly succeeded: readonly Pod[]; readonly failed: readonly Pod[] },
  nowMs: number,
): number {
  const lastSuccess = Math.max(0, ...succeeded.map(endedMs));
  const since = failed.map(endedMs).filter((ms) => ms > lastSuccess);
  if (since.length === 0) return 0;
  const delay = Math.min(FIRST_MS * 2 ** (since.length - 1), LAST_MS);
  return Math.max(0, Math.max(...since) + delay - nowMs);
}

/** When the last container ended; for a pod that never said so, when it was deleted or made. */
function endedMs(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map((status) => timeMs(status.state?.terminated?.finishedAt) ?? 0);
  const last = Math.max(0, ...ends);
  if (last > 0) return last;
  const ready = pod.status?.conditions?.find((condition) => condition.type === "Ready" && condition.status === "False");
  return timeMs(ready?.lastTransitionTime) ?? timeMs(pod.metadata.deletionTimestamp) ?? createdMs(pod);
}
