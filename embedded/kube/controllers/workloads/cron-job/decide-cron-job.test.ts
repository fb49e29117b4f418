import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "../job/job-types.ts";
import { template } from "../testkit/objects.ts";
import type { CronJob, CronJobStatus } from "./cron-job-types.ts";
import { type CronPlan, decideCronJob } from "./decide-cron-job.ts";

function cron(spec: Partial<CronJob["spec"]> = {}, status: CronJobStatus = {}): CronJob {
  return {
    kind: "CronJob",
    apiVersion: "batch/v1",
    metadata: { name: "tick", namespace: "default", uid: "uid-tick", creationTimestamp: "2026-01-01T10:00:30Z" },
    spec: {
      schedule: "*/10 * * * *",
      concurrencyPolicy: "Allow",
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { template: template({}) } as unknown as Job["spec"] },
      ...spec,
    },
    status,
  };
}

function job(name: string, more: { outcome?: string; created?: string; completed?: string } = {}): Job {
  const { outcome, created = "2026-01-01T10:00:00Z", completed } = more;
  return {
    kind: "Job",
    apiVersion: "batch/v1",
    metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "7", creationTimestamp: created },
    spec: { selector: {}, template: template({}) as unknown as Job["spec"]["template"] },
    status: {
      ...(outcome === undefined ? {} : { conditions: [{ type: outcome, status: "True" }] }),
      ...(completed === undefined ? {} : { completionTime: completed }),
    },
  };
}

const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
const decide = (own: CronJob, time: string, jobs: readonly Job[] = []) => decideCronJob(own, jobs, at(time));
const started = (plan: CronPlan) =>
  plan.start === undefined ? undefined : new Date(plan.start).toISOString().slice(11, 16);
const reasons = (plan: CronPlan) => plan.says.map(({ reason }) => reason);

test("decideCronJob() starts nothing before the first time, and comes back for it", () => {
  const plan = decide(cron(), "10:05:00");
  assert.equal(started(plan), undefined);
  assert.equal(plan.againMs, 5 * 60_000 + 100);
});

test("decideCronJob() starts what is due, once", () => {
  assert.equal(started(decide(cron(), "10:10:00")), "10:10");
  assert.equal(started(decide(cron({}, { lastScheduleTime: "2026-01-01T10:10:00Z" }), "10:19:59")), undefined);
  assert.equal(started(decide(cron({}, { lastScheduleTime: "2026-01-01T10:10:00Z" }), "10:20:00")), "10:20");
});

test("decideCronJob() starts only the latest of several missed times, and warns when they are many", () => {
  const plan = decide(cron(), "12:34:00");
  assert.deepEqual([started(plan), reasons(plan)], ["12:30", []]);
  const many = decide(cron({ schedule: "* * * * *" }), "12:34:00");
  assert.deepEqual([started(many), reasons(many)], ["12:34", ["TooManyMissedTimes"]]);
  const irregular = cron({ schedule: "* 10 * * *" });
  assert.equal(started(decide(irregular, "23:00:00")), "10:59");
});

test("decideCronJob() lets go of times that are longer past than the deadline", () => {
  const strict = { startingDeadlineSeconds: 60 };
  assert.equal(started(decide(cron(strict), "10:10:59")), "10:10");
  assert.equal(started(decide(cron(strict), "10:11:30")), undefined);
});

test("decideCronJob() goes by the concurrency policy", () => {
  const running = job("tick-1");
  const status = { active: [{ name: "tick-1", uid: "uid-tick-1" }] };
  const plan = (concurrencyPolicy: string) => decide(cron({ concurrencyPolicy }, status), "10:10:00", [running]);
  assert.equal(started(plan("Allow")), "10:10");
  assert.deepEqual([started(plan("Forbid")), reasons(plan("Forbid"))], [undefined, ["JobAlreadyActive"]]);
  assert.deepEqual([started(plan("Replace")), plan("Replace").replace], ["10:10", [running]]);
});

test("decideCronJob() does nothing while suspended, but keeps its books", () => {
  const done = job("tick-1", { outcome: "Complete", completed: "2026-01-01T10:10:09Z" });
  const status = {
    active: [
      { name: "tick-1", uid: "uid-tick-1" },
      { name: "lost", uid: "uid-lost" },
    ],
  };
  const plan = decide(cron({ suspend: true }, status), "10:20:00", [done]);
  assert.deepEqual([started(plan), plan.againMs], [undefined, undefined]);
  assert.deepEqual(plan.status, { lastSuccessfulTime: "2026-01-01T10:10:09Z" });
  assert.deepEqual(reasons(plan), ["SawCompletedJob", "MissingJob"]);
  assert.equal(plan.says[0]?.message, "Saw completed job: tick-1, condition: Complete");
});

test("decideCronJob() counts a job it started before a crash as running, and not one that was started by hand", () => {
  const ours = job("tick-1");
  ours.metadata.annotations = { "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T10:10:00Z" };
  const plan = decide(cron({}, { lastScheduleTime: "2026-01-01T10:10:00Z" }), "10:12:00", [ours, job("manual")]);
  assert.deepEqual(
    plan.status.active?.map(({ name }) => name),
    ["tick-1"],
  );
  assert.deepEqual(reasons(plan), ["UnexpectedJob"]);
});

test("decideCronJob() forgets the oldest finished jobs of each kind", () => {
  const jobs = [
    job("c2", { outcome: "Complete", created: "2026-01-01T09:20:00Z" }),
    job("c1", { outcome: "Complete", created: "2026-01-01T09:10:00Z" }),
    job("f1", { outcome: "Failed", created: "2026-01-01T09:00:00Z" }),
    job("r1"),
  ];
  assert.deepEqual(
    decide(cron(), "10:05:00", jobs).forget.map(({ metadata }) => metadata.name),
    ["c1"],
  );
});
