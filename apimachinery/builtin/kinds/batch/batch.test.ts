import assert from "node:assert/strict";
import { test } from "node:test";
import { created, createProblems, part, updateProblems } from "../testkit/judge.ts";
import { scheduleProblem, timeZoneProblem } from "./cron-schedule.ts";

const JOB = "batch/v1.Job";
const POD = { restartPolicy: "Never", containers: [{ name: "a", image: "a" }] };

function job(spec: Record<string, unknown> = {}): Record<string, unknown> {
  return { spec: { template: { spec: POD }, ...spec } };
}

test("a job selects its pods by its own uid", () => {
  const object = created(JOB, job());
  const { template, ...rest } = part(object, "spec");
  const labels = {
    "batch.kubernetes.io/controller-uid": "u-1",
    "batch.kubernetes.io/job-name": "x",
    "controller-uid": "u-1",
    "job-name": "x",
  };
  assert.deepEqual((template as { metadata: unknown }).metadata, { labels });
  assert.deepEqual(object.metadata.labels, labels);
  assert.deepEqual(rest, {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u-1" } },
    manualSelector: false,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: "TerminatingOrFailed",
  });
});

test("a job: what is refused", () => {
  assert.deepEqual(createProblems(JOB, { spec: { template: { spec: { containers: POD.containers } } } }), [
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ]);
  const numbers = {
    parallelism: -1,
    completions: -1,
    backoffLimit: -1,
    activeDeadlineSeconds: -1,
    ttlSecondsAfterFinished: -1,
  };
  assert.deepEqual(
    createProblems(JOB, job(numbers)),
    ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"].map(
      (name) => `spec.${name}: Invalid value: -1: must be greater than or equal to 0`,
    ),
  );
  const rules = [{ action: "Shrug" }, { action: "Ignore", onExitCodes: { operator: "In", values: [2, 1, 1] } }];
  assert.deepEqual(createProblems(JOB, job({ podFailurePolicy: { rules } })), [
    'spec.podFailurePolicy.rules[0].action: Unsupported value: "Shrug": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
    "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
    "spec.podFailurePolicy.rules[1].onExitCodes.values[2]: Duplicate value: 1",
    "spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: [2,1,1]: must be ordered",
  ]);
  const own = { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: POD } };
  assert.deepEqual(createProblems(JOB, job(own)), [
    'spec.selector: Invalid value: {"matchLabels":{"a":"b","batch.kubernetes.io/controller-uid":"u-1"}}: `selector` not auto-generated',
  ]);
});

test("a job's completions and template stay", () => {
  const old = created(JOB, job());
  assert.deepEqual(
    updateProblems(JOB, old, (next) => {
      part(next, "spec")["completions"] = 2;
    }),
    ["spec.completions: Invalid value: 2: field is immutable"],
  );
});

test("a cron job is filled up and judged", () => {
  const CRON = "batch/v1.CronJob";
  const spec = { schedule: "0 3 * * *", jobTemplate: { spec: { template: { spec: POD } } } };
  const { jobTemplate, ...rest } = part(created(CRON, { spec }), "spec");
  assert.ok(jobTemplate !== undefined);
  assert.deepEqual(rest, {
    schedule: "0 3 * * *",
    concurrencyPolicy: "Allow",
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  const bad = { ...spec, schedule: "whenever", timeZone: "Mars/Base", concurrencyPolicy: "Often" };
  assert.deepEqual(createProblems(CRON, { spec: bad }), [
    'spec.schedule: Invalid value: "whenever": expected exactly 5 fields, found 1: [whenever]',
    'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
    'spec.concurrencyPolicy: Unsupported value: "Often": supported values: "Allow", "Forbid", "Replace"',
  ]);
  assert.deepEqual(createProblems(CRON, { spec: { ...spec, schedule: "TZ=UTC 0 3 * * *" } }), [
    'spec.schedule: Invalid value: "TZ=UTC 0 3 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
  ]);
});

test("schedules", () => {
  for (const fine of ["*/5 * * * *", "@hourly", "0 0 1 jan mon-fri", "0,30 8-18/2 ? * 1", "@every 1h30m"]) {
    assert.equal(scheduleProblem(fine), undefined, fine);
  }
  assert.equal(scheduleProblem("60 * * * *"), "end of range (60) above maximum (59): 60");
  assert.equal(scheduleProblem("* * 0 * *"), "beginning of range (0) below minimum (1): 0");
  assert.equal(scheduleProblem("5-1 * * * *"), "beginning of range (5) beyond end of range (1): 5-1");
  assert.equal(scheduleProblem("*/0 * * * *"), "step of range should be a positive number: */0");
  assert.equal(scheduleProblem("x * * * *"), 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax');
  assert.equal(scheduleProblem("@never"), "unrecognized descriptor: @never");
  assert.equal(timeZoneProblem("Europe/Rome"), undefined);
  assert.equal(timeZoneProblem(""), "timeZone must be nil or non-empty string");
});
