import { finishedCondition, type Job } from "../job/job-types.ts";
import { byAge, createdMs, timeMs } from "../pods/pod-state.ts";
import type { ActiveJob, CronJob, CronJobStatus } from "./cron-job-types.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";

/** More missed times than this are worth a warning. */
const MANY_MISSED = 100;

const UNEXPECTED = "Saw a job that the controller did not create or forgot";
/** On jobs: the time of the schedule that they were started for. */
export const SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp";

export interface Remark {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface CronPlan {
  /** When the job that is due was to start, in milliseconds; undefined when none is. */
  readonly start: number | undefined;
  /** Running jobs that have to make room for it. */
  readonly replace: readonly Job[];
  /** Finished jobs beyond the limits of the history. */
  readonly forget: readonly Job[];
  /** Without the job that is about to start. */
  readonly status: CronJobStatus;
  readonly says: readonly Remark[];
  readonly againMs: number | undefined;
}

/** What a CronJob is to do now, and when to look again. @param jobs - the jobs it controls */
export function decideCronJob(cron: CronJob, jobs: readonly Job[], nowMs: number): CronPlan {
  const { status, says } = takeStock(cron, jobs);
  const rest = { start: undefined, replace: [], forget: history(cron, jobs), status, says, againMs: undefined };
  if (cron.metadata.deletionTimestamp !== undefined || cron.spec.suspend === true) return rest;
  const schedule = parseSchedule(cron.spec.schedule, cron.spec.timeZone);
  if (schedule === undefined) {
    const message = `unparseable schedule: ${JSON.stringify(cron.spec.schedule)}`;
    return { ...rest, says: [...says, { type: "Warning", reason: "UnparseableSchedule", message }] };
  }
  const next = schedule.next(nowMs);
  const waiting = { ...rest, againMs: next === undefined ? undefined : next - nowMs + 100 };
  const due = decideDue(cron, schedule, nowMs);
  const remarks = due.remark === undefined ? says : [...says, due.remark];
  if (due.ms === undefined) return { ...waiting, says: remarks };
  const active = jobs.filter((job) => status.active?.some(({ uid }) => uid === job.metadata.uid) === true);
  if (cron.spec.concurrencyPolicy === "Forbid" && active.length > 0) {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    return { ...waiting, says: [...remarks, { type: "Normal", reason: "JobAlreadyActive", message }] };
  }
  const replace = cron.spec.concurrencyPolicy === "Replace" ? active : [];
  return { ...waiting, start: due.ms, replace, says: remarks };
}

interface Due {
  readonly ms: number | undefined;
  readonly remark: Remark | undefined;
}

/** The latest time that has come and has not been acted upon; one that is longer past than the deadline does not count. */
function decideDue(cron: CronJob, schedule: Schedule, nowMs: number): Due {
  const { startingDeadlineSeconds } = cron.spec;
  const last = timeMs(cron.status?.lastScheduleTime) ?? createdMs(cron);
  const deadlineMs = startingDeadlineSeconds === undefined ? undefined : startingDeadlineSeconds * 1000;
  const from = deadlineMs === undefined ? last : Math.max(last, nowMs - deadlineMs);
  const { latest, missed } = latestTime(schedule, from, nowMs);
  const many: Remark = {
    type: "Warning",
    reason: "TooManyMissedTimes",
    message: `too many missed start times: ${missed}. Set or decrease .spec.startingDeadlineSeconds or check clock skew`,
  };
  const remark = missed > MANY_MISSED ? many : undefined;
  return { ms: latest, remark };
}

/** The last time of the schedule in (from, now], and roughly how many there were. */
function latestTime(
  schedule: Schedule,
  from: number,
  nowMs: number,
): { readonly latest: number | undefined; readonly missed: number } {
  const first = schedule.next(from);
  if (first === undefined || first > nowMs) return { latest: undefined, missed: 0 };
  const second = schedule.next(first);
  if (second === undefined || second > nowMs) return { latest: first, missed: 1 };
  const between = second - first;
  const steps = Math.floor((nowMs - first) / between);
  // Backwards from now in growing steps, so that a year of missed minutes is not counted one by one. Whole steps from the first time:
  // `@every` has no times of its own to start from.
  let latest = first;
  for (let back = 1; back < steps; back *= 2) {
    const found = schedule.next(first + (steps - back) * between);
    if (found === undefined || found > nowMs) continue;
    latest = found;
    break;
  }
  for (let next = schedule.next(latest); next !== undefined && next <= nowMs; next = schedule.next(latest))
    latest = next;
  return { latest, missed: steps + 1 };
}

/** Which jobs run, and what is to be said about those that ended. */
function takeStock(cron: CronJob, jobs: readonly Job[]): { readonly status: CronJobStatus; readonly says: Remark[] } {
  const says: Remark[] = [];
  const active: ActiveJob[] = [];
  const before = cron.status?.active ?? [];
  let lastSuccess = timeMs(cron.status?.lastSuccessfulTime);
  for (const reference of before) {
    const job = jobs.find(({ metadata }) => metadata.uid === reference.uid);
    const finished = job === undefined ? undefined : finishedCondition(job);
    if (job === undefined) {
      says.push({ type: "Normal", reason: "MissingJob", message: `Active job went missing: ${reference.name}` });
    } else if (finished !== undefined) {
      const message = `Saw completed job: ${job.metadata.name}, condition: ${finished.type}`;
      says.push({ type: "Normal", reason: "SawCompletedJob", message });
    } else active.push(reference);
  }
  for (const job of jobs) {
    const finished = finishedCondition(job);
    if (finished === undefined && !before.some(({ uid }) => uid === job.metadata.uid)) {
      // Ours, from before a crash; or somebody else's, started by hand.
      if (job.metadata.annotations?.[SCHEDULED_AT] !== undefined) active.push(referenceTo(job));
      else says.push({ type: "Warning", reason: "UnexpectedJob", message: `${UNEXPECTED}: ${job.metadata.name}` });
    }
    const ended = finished?.type === "Complete" ? timeMs(job.status?.completionTime) : undefined;
    if (ended !== undefined && ended > (lastSuccess ?? 0)) lastSuccess = ended;
  }
  const { active: _before, lastSuccessfulTime: _time, ...rest } = cron.status ?? {};
  const lastSuccessfulTime = lastSuccess === undefined ? {} : { lastSuccessfulTime: rfc3339(lastSuccess) };
  return { status: { ...rest, ...(active.length === 0 ? {} : { active }), ...lastSuccessfulTime }, says };
}

/** The reference to a job in a status. */
export function referenceTo({ kind, apiVersion, metadata }: Job): ActiveJob {
  return {
    kind,
    apiVersion,
    namespace: metadata.namespace as string,
    name: metadata.name as string,
    uid: metadata.uid as string,
    resourceVersion: metadata.resourceVersion as string,
  };
}

/** RFC 3339 with seconds. */
export function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function history({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const beyond = (type: string, limit: number | undefined): Job[] => {
    const finished = jobs.filter(
      (job) => finishedCondition(job)?.type === type && job.metadata.deletionTimestamp === undefined,
    );
    return limit === undefined ? [] : finished.sort(byAge).slice(0, Math.max(0, finished.length - limit));
  };
  return [...beyond("Complete", spec.successfulJobsHistoryLimit), ...beyond("Failed", spec.failedJobsHistoryLimit)];
}
