import { conditionOf } from "../acting/conditions.ts";
import { timeMs } from "../pods/pod-state.ts";
import { parseIndexes } from "./index-ranges.ts";
import type { Census } from "./job-census.ts";
import { isIndexed, type Job } from "./job-types.ts";

/** How a job ends. */
export interface Outcome {
  readonly type: "Complete" | "Failed";
  readonly reason: string;
  readonly message: string;
}

/** Whether a job is over, and how; undefined while it goes on. What has been decided once stays decided. */
export function decideOutcome(job: Job, census: Census, nowMs: number): Outcome | undefined {
  for (const [type, target] of [
    ["Failed", "FailureTarget"],
    ["Complete", "SuccessCriteriaMet"],
  ] as const) {
    const noted = conditionOf(job.status?.conditions, target);
    if (noted?.status === "True") return { type, reason: noted.reason ?? "", message: noted.message ?? "" };
  }
  return failureOf(job, census, nowMs) ?? successOf(job, census);
}

function failureOf(job: Job, census: Census, nowMs: number): Outcome | undefined {
  const fail = (reason: string, message: string): Outcome => ({ type: "Failed", reason, message });
  if (census.failJob !== undefined) return fail("PodFailurePolicy", census.failJob);
  if (census.failures > (job.spec.backoffLimit ?? 6) || restartedTooOften(job, census))
    return fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  if (isLate(job, nowMs)) return fail("DeadlineExceeded", "Job was active longer than specified deadline");
  const { backoffLimitPerIndex, maxFailedIndexes, completions = 0 } = job.spec;
  if (!isIndexed(job) || backoffLimitPerIndex === undefined || census.failedIndexes.size === 0) return undefined;
  if (maxFailedIndexes !== undefined && census.failedIndexes.size > maxFailedIndexes)
    return fail("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
  if (census.failedIndexes.size + census.completedIndexes.size >= completions)
    return fail("FailedIndexes", "Job has failed indexes");
  return undefined;
}

/** Pods that restart in place fail by their restarts. */
function restartedTooOften({ spec }: Job, { active }: Census): boolean {
  if (spec.template.spec.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const pod of active) {
    for (const status of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])])
      restarts += status.restartCount ?? 0;
  }
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function isLate({ spec, status }: Job, nowMs: number): boolean {
  const start = timeMs(status?.startTime);
  if (spec.activeDeadlineSeconds === undefined || start === undefined || spec.suspend === true) return false;
  return nowMs - start >= spec.activeDeadlineSeconds * 1000;
}

function successOf(job: Job, census: Census): Outcome | undefined {
  const { completions } = job.spec;
  const rule = (job.spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    const wanted = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, completions ?? 0);
    const done = [...(wanted ?? census.completedIndexes)].filter((index) => census.completedIndexes.has(index)).length;
    return done >= (succeededCount ?? wanted?.size ?? Number.POSITIVE_INFINITY);
  });
  if (rule >= 0) return { type: "Complete", reason: "SuccessPolicy", message: `Matched rules at index ${rule}` };
  const complete =
    completions === undefined
      ? census.successes > 0 && census.active.length === 0
      : census.successes >= completions && (completions > 0 || census.active.length === 0);
  return complete
    ? { type: "Complete", reason: "CompletionsReached", message: "Reached expected number of succeeded pods" }
    : undefined;
}
