// Which pods of a job run, and how the others ended.
import type { Pod } from "../acting/object-types.ts";
import { isFinished, isReady, isTerminating, phaseOf } from "../pods/pod-state.ts";
import { judgeFailure } from "./failure-policy.ts";
import { formatIndexes, parseIndexes } from "./index-ranges.ts";
import { INDEX_FAILURES, indexOf, isIndexed, isTracked, type Job, type JobStatus } from "./job-types.ts";

export interface Census {
  readonly active: readonly Pod[];
  readonly ready: number;
  /** Being deleted and not yet ended. */
  readonly terminating: number;
  readonly succeeded: readonly Pod[];
  readonly failed: readonly Pod[];
  /** Ended pods that are still held. */
  readonly toRelease: readonly Pod[];
  /** All that succeeded, counted or not. */
  readonly successes: number;
  /** All that failed and count, counted or not. */
  readonly failures: number;
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** Set when a failed pod fails the job by its failure policy. */
  readonly failJob: string | undefined;
}

/** Pods that are deleted are replaced when they have ended, not when their deletion begins. */
export function replacesEndedOnly({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed";
}

function hasFailed(job: Job, pod: Pod): boolean {
  if (phaseOf(pod) === "Failed") return true;
  return !replacesEndedOnly(job) && isTerminating(pod) && phaseOf(pod) !== "Succeeded";
}

/**
 * Counts the pods of a job.
 *
 * @param ending - the job ends as failed: pods that still run count as failed too
 */
export function takeCensus(job: Job, pods: readonly Pod[], ending = false): Census {
  const status: JobStatus = job.status ?? {};
  const limit = isIndexed(job) ? (job.spec.completions ?? 0) : 0;
  const completed = parseIndexes(status.completedIndexes, limit);
  const failedIndexes = parseIndexes(status.failedIndexes, limit);
  const uncounted = {
    succeeded: [...(status.uncountedTerminatedPods?.succeeded ?? [])],
    failed: [...(status.uncountedTerminatedPods?.failed ?? [])],
  };
  const known = new Set([...uncounted.succeeded, ...uncounted.failed]);
  const toRelease: Pod[] = [];
  let failJob: string | undefined;
  const succeeded = pods.filter((pod) => phaseOf(pod) === "Succeeded");
  const failed = pods.filter((pod) => hasFailed(job, pod));
  const active = pods.filter((pod) => !isFinished(pod) && !isTerminating(pod));
  for (const pod of succeeded) {
    if (!isTracked(pod)) continue;
    toRelease.push(pod);
    const uid = pod.metadata.uid as string;
    const index = indexOf(pod);
    if (isIndexed(job)) {
      if (index !== undefined && index < limit) completed.add(index);
    } else if (!known.has(uid)) uncounted.succeeded.push(uid);
  }
  for (const pod of ending ? [...failed, ...active] : failed) {
    if (!isTracked(pod)) continue;
    const uid = pod.metadata.uid as string;
    toRelease.push(pod);
    const verdict = judgeFailure(job, pod);
    const index = indexOf(pod);
    if (verdict.action === "FailJob") failJob ??= verdict.message;
    if (index !== undefined && index < limit && hasUsedUp(job, pod, verdict.action)) failedIndexes.add(index);
    if (known.has(uid) || verdict.action === "Ignore") continue;
    if (!isIndexed(job) || (index !== undefined && index < limit)) uncounted.failed.push(uid);
  }
  for (const index of completed) failedIndexes.delete(index);
  return {
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
    succeeded,
    failed,
    toRelease,
    successes: isIndexed(job) ? completed.size : (status.succeeded ?? 0) + uncounted.succeeded.length,
    failures: (status.failed ?? 0) + uncounted.failed.length,
    uncounted,
    completedIndexes: completed,
    failedIndexes,
    failJob,
  };
}

/** True when an index has failed for good, by the limit for each index or by the failure policy. */
function hasUsedUp(job: Job, pod: Pod, action: string): boolean {
  if (action === "FailIndex") return true;
  const limit = job.spec.backoffLimitPerIndex;
  if (limit === undefined || action === "Ignore") return false;
  return Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? 0) + 1 > limit;
}

/** The counts of a status: what is still held is listed, not counted. */
export function countsOf(job: Job, census: Census): JobStatus {
  const { uncountedTerminatedPods: _list, completedIndexes: _done, failedIndexes: _failed, ...rest } = job.status ?? {};
  const indexes = isIndexed(job)
    ? {
        succeeded: census.completedIndexes.size,
        completedIndexes: formatIndexes(census.completedIndexes),
        ...(job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes(census.failedIndexes) }),
      }
    : {};
  return {
    ...rest,
    active: census.active.length,
    ready: census.ready,
    terminating: census.terminating,
    ...indexes,
    uncountedTerminatedPods: { succeeded: [...census.uncounted.succeeded], failed: [...census.uncounted.failed] },
  };
}

/** The status once these pods are no longer held: they go from the list into the counts. @param held - uids of pods still held */
export function withCounted(job: Job, status: JobStatus, held: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const still = (uids: readonly string[]) => uids.filter((uid) => held.has(uid));
  const done = (uids: readonly string[]) => uids.length - still(uids).length;
  return {
    ...status,
    succeeded: isIndexed(job) ? (status.succeeded ?? 0) : (status.succeeded ?? 0) + done(succeeded),
    failed: (status.failed ?? 0) + done(failed),
    uncountedTerminatedPods: { succeeded: still(succeeded), failed: still(failed) },
  };
}
