import { conditionOf, withoutCondition } from "../acting/conditions.ts";
import type { Condition, Pod } from "../acting/object-types.ts";
import { inDeletionOrder } from "../pods/deletion-order.ts";
import { isFinished, isTerminating, timeMs } from "../pods/pod-state.ts";
import { decideOutcome, type Outcome } from "./decide-outcome.ts";
import { type Census, countsOf, replacesEndedOnly, takeCensus } from "./job-census.ts";
import { finishedCondition, INDEX_FAILURES, indexOf, isIndexed, type Job, type JobStatus } from "./job-types.ts";
import { backoffLeftMs } from "./pod-backoff.ts";

/** Created in one go, at the most. */
const BURST = 500;

export interface Moment {
  readonly nowMs: number;
  /** The same as RFC 3339. */
  readonly now: string;
}

/** A pod to be made. */
export interface Wanted {
  /** Indexed jobs only. */
  readonly index?: number;
  /** How often this index has failed before; only with a limit for each index. */
  readonly failures?: number;
}

export interface JobPlan {
  /** The status with everything that has ended listed; see {@link JobStatus.uncountedTerminatedPods}. */
  readonly status: JobStatus;
  /** Ended pods, to be let go once the status is stored. */
  readonly release: readonly Pod[];
  readonly create: readonly Wanted[];
  /** Pods too many: deleted without being counted. */
  readonly discard: readonly Pod[];
  /** Pods of a job that has failed or succeeded: deleted, and counted as the outcome says. */
  readonly end: readonly Pod[];
  /** What the job ends with, once nothing runs any more and everything is counted. */
  readonly finish: Outcome | undefined;
  readonly says: readonly { readonly reason: string; readonly message: string }[];
  readonly againMs: number | undefined;
}

/** The next step of a job that has not finished. */
export function decideJob(job: Job, pods: readonly Pod[], moment: Moment): JobPlan {
  const first = takeCensus(job, pods);
  const outcome = decideOutcome(job, first, moment.nowMs);
  const census = outcome?.type === "Failed" ? takeCensus(job, pods, true) : first;
  const status = started(job, countsOf(job, census), moment);
  if (outcome !== undefined) return ending({ census, status, outcome, pods }, moment);
  if (job.spec.suspend === true) {
    return { ...idle(status.status, census), discard: census.active, says: status.says };
  }
  const { create, discard, waitMs } = decidePods(job, census, { pods, nowMs: moment.nowMs });
  const deadline = deadlineLeftMs(job, status.status, moment.nowMs);
  const wishes = [waitMs, deadline].filter((ms) => ms !== undefined);
  return {
    ...idle(status.status, census),
    create,
    discard,
    says: status.says,
    againMs: wishes.length === 0 ? undefined : Math.min(...wishes),
  };
}

function idle(status: JobStatus, census: Census): JobPlan {
  return {
    status,
    release: census.toRelease,
    create: [],
    discard: [],
    end: [],
    finish: undefined,
    says: [],
    againMs: undefined,
  };
}

interface Started {
  readonly status: JobStatus;
  readonly says: JobPlan["says"];
}

/** Start, suspension and resumption are kept in startTime and in a condition. */
function started(job: Job, status: JobStatus, { now }: Moment): Started {
  const conditions = status.conditions ?? [];
  const suspended = conditionOf(conditions, "Suspended")?.status === "True";
  const note = (value: string, reason: string, message: string): Condition[] => [
    ...withoutCondition(conditions, "Suspended"),
    { type: "Suspended", status: value, lastProbeTime: now, lastTransitionTime: now, reason, message },
  ];
  if (job.spec.suspend === true) {
    const { startTime: _gone, ...rest } = status;
    if (suspended) return { status: rest, says: [] };
    return {
      status: { ...rest, conditions: note("True", "JobSuspended", "Job suspended") },
      says: [{ reason: "Suspended", message: "Job suspended" }],
    };
  }
  if (suspended) {
    return {
      status: { ...status, startTime: now, conditions: note("False", "JobResumed", "Job resumed") },
      says: [{ reason: "Resumed", message: "Job resumed" }],
    };
  }
  return { status: { ...status, startTime: status.startTime ?? now }, says: [] };
}

interface Ending {
  readonly census: Census;
  readonly status: Started;
  readonly outcome: Outcome;
  readonly pods: readonly Pod[];
}

function ending({ census, status, outcome, pods }: Ending, { now }: Moment): JobPlan {
  const type = outcome.type === "Failed" ? "FailureTarget" : "SuccessCriteriaMet";
  const conditions = status.status.conditions ?? [];
  const { reason, message } = outcome;
  const target: Condition = { type, status: "True", lastProbeTime: now, lastTransitionTime: now, reason, message };
  const noted = conditionOf(conditions, type) === undefined ? [...conditions, target] : conditions;
  const quiet = census.active.length === 0 && census.terminating === 0;
  // What still runs is let go of: failed jobs have counted it, successful ones do not need it.
  const release = outcome.type === "Failed" ? census.toRelease : [...new Set([...census.toRelease, ...pods])];
  return {
    ...idle({ ...status.status, conditions: noted }, census),
    release,
    end: census.active,
    finish: quiet ? outcome : undefined,
    says: status.says,
    againMs: undefined,
  };
}

interface PodNeeds {
  readonly create: readonly Wanted[];
  readonly discard: readonly Pod[];
  readonly waitMs: number | undefined;
}

function decidePods(job: Job, census: Census, { pods, nowMs }: { pods: readonly Pod[]; nowMs: number }): PodNeeds {
  const { parallelism = 1, completions } = job.spec;
  const { active, successes } = census;
  const wanted =
    completions === undefined
      ? successes > 0
        ? active.length
        : parallelism
      : Math.max(0, Math.min(parallelism, completions - successes - census.failedIndexes.size));
  const misplaced = isIndexed(job) ? misplacedPods(census, completions ?? 0) : [];
  const placed = active.filter((pod) => !misplaced.includes(pod));
  const surplus = Math.max(0, placed.length - wanted);
  const discard = [...misplaced, ...surplusPods(job, placed, nowMs).slice(0, surplus)];
  const occupied = placed.length + (replacesEndedOnly(job) ? census.terminating : 0);
  const missing = Math.min(BURST, wanted - occupied);
  if (surplus > 0 || missing <= 0) return { create: [], discard, waitMs: undefined };
  if (isIndexed(job)) return { ...missingIndexes(job, census, { pods, missing, nowMs }), discard };
  const waitMs = backoffLeftMs(ended(census), nowMs);
  if (waitMs > 0) return { create: [], discard, waitMs };
  return { create: Array.from({ length: missing }, () => ({})), discard, waitMs: undefined };
}

/** Pods that are only being deleted have not failed by themselves: nothing is to be waited for. */
function ended({ succeeded, failed }: Census): Pick<Census, "succeeded" | "failed"> {
  return { succeeded, failed: failed.filter(isFinished) };
}

/** Running pods without an index of their own: none, one too large, one that is done, or one that another works on. */
function misplacedPods({ active, completedIndexes, failedIndexes }: Census, completions: number): Pod[] {
  const taken = new Set<number>();
  return active.filter((pod) => {
    const index = indexOf(pod);
    if (index === undefined || index >= completions || completedIndexes.has(index) || failedIndexes.has(index))
      return true;
    if (taken.has(index)) return true;
    taken.add(index);
    return false;
  });
}

/** Of indexed jobs the highest indexes go first. */
function surplusPods(job: Job, active: readonly Pod[], nowMs: number): Pod[] {
  if (!isIndexed(job)) return inDeletionOrder(active, active, nowMs);
  return [...active].sort((a, b) => (indexOf(b) ?? 0) - (indexOf(a) ?? 0));
}

interface IndexNeeds {
  readonly pods: readonly Pod[];
  readonly missing: number;
  readonly nowMs: number;
}

function missingIndexes(job: Job, census: Census, { pods, missing, nowMs }: IndexNeeds): Omit<PodNeeds, "discard"> {
  const perIndex = job.spec.backoffLimitPerIndex !== undefined;
  const common = perIndex ? 0 : backoffLeftMs(ended(census), nowMs);
  if (common > 0) return { create: [], waitMs: common };
  const busy = new Set(census.active.map(indexOf));
  if (replacesEndedOnly(job)) for (const pod of pods) if (isTerminating(pod)) busy.add(indexOf(pod));
  const byIndex = (list: readonly Pod[], index: number) => list.filter((pod) => indexOf(pod) === index);
  const create: Wanted[] = [];
  let waitMs: number | undefined;
  for (let index = 0; index < (job.spec.completions ?? 0) && create.length < missing; index++) {
    if (busy.has(index) || census.completedIndexes.has(index) || census.failedIndexes.has(index)) continue;
    if (!perIndex) {
      create.push({ index });
      continue;
    }
    const failed = byIndex(census.failed, index);
    const left = backoffLeftMs({ succeeded: [], failed }, nowMs);
    if (left > 0) waitMs = Math.min(waitMs ?? left, left);
    else create.push({ index, failures: failuresOf(failed) });
  }
  return { create, waitMs };
}

function failuresOf(failed: readonly Pod[]): number {
  return failed.reduce((most, pod) => Math.max(most, Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? 0) + 1), 0);
}

function deadlineLeftMs(job: Job, status: JobStatus, nowMs: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  const start = timeMs(status.startTime);
  return activeDeadlineSeconds === undefined || start === undefined
    ? undefined
    : Math.max(1, start + activeDeadlineSeconds * 1000 - nowMs);
}

/** Milliseconds until a finished job is to be deleted; undefined when it is to stay. */
export function expiresInMs(job: Job, nowMs: number): number | undefined {
  const finished = finishedCondition(job);
  const { ttlSecondsAfterFinished } = job.spec;
  if (finished === undefined || ttlSecondsAfterFinished === undefined) return undefined;
  return (timeMs(finished.lastTransitionTime) ?? nowMs) + ttlSecondsAfterFinished * 1000 - nowMs;
}
