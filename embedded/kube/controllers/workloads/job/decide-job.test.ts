import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../acting/object-types.ts";
import { pod, template } from "../testkit/objects.ts";
import { decideJob, type JobPlan } from "./decide-job.ts";
import { takeCensus } from "./job-census.ts";
import type { Job, JobSpec, JobStatus } from "./job-types.ts";

const START = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number) => ({
  nowMs: START + seconds * 1000,
  now: new Date(START + seconds * 1000).toISOString().replace(".000", ""),
});

function job(spec: Partial<JobSpec> = {}, status: JobStatus = { startTime: at(0).now }): Job {
  return {
    kind: "Job",
    apiVersion: "batch/v1",
    metadata: { name: "work", namespace: "default", uid: "uid-work" },
    spec: {
      parallelism: 1,
      completions: 1,
      completionMode: "NonIndexed",
      backoffLimit: 6,
      selector: { matchLabels: { app: "work" } },
      template: template({ app: "work" }, { restartPolicy: "Never" }) as unknown as JobSpec["template"],
      ...spec,
    },
    status,
  };
}

interface PodOptions {
  readonly phase?: string;
  readonly index?: number;
  readonly failures?: number;
  readonly ended?: number;
  readonly exitCode?: number;
  readonly released?: boolean;
  readonly deleted?: boolean;
  readonly conditions?: readonly object[];
}

function made(
  name: string,
  { phase = "Running", index, failures, ended = 0, exitCode, ...more }: PodOptions = {},
): Pod {
  const terminated = { exitCode: exitCode ?? 0, finishedAt: at(ended).now };
  return pod(name, {
    metadata: {
      finalizers: more.released === true ? [] : ["batch.kubernetes.io/job-tracking"],
      ...(more.deleted === true ? { deletionTimestamp: at(0).now } : {}),
      annotations: {
        ...(index === undefined ? {} : { "batch.kubernetes.io/job-completion-index": String(index) }),
        ...(failures === undefined ? {} : { "batch.kubernetes.io/job-index-failure-count": String(failures) }),
      },
    },
    status: {
      phase,
      ...(phase === "Running" || phase === "Pending"
        ? {}
        : { containerStatuses: [{ name: "main", state: { terminated } }] }),
      ...(more.conditions === undefined ? {} : { conditions: more.conditions }),
    },
  }) as Pod;
}

const succeeded = (name: string, more: PodOptions = {}) => made(name, { phase: "Succeeded", ...more });
const failed = (name: string, more: PodOptions = {}) => made(name, { phase: "Failed", exitCode: 1, ...more });
const names = (pods: readonly Pod[]) => pods.map((own) => own.metadata.name);
const reasons = (plan: JobPlan) => (plan.status.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);

test("decideJob() makes as many pods as may run side by side and are still needed", () => {
  const rows: readonly [spec: Partial<JobSpec>, status: JobStatus, pods: readonly Pod[], create: number][] = [
    [{}, {}, [], 1],
    [{ parallelism: 3, completions: 5 }, {}, [], 3],
    [{ parallelism: 3, completions: 5 }, { succeeded: 4 }, [], 1],
    [{ parallelism: 3, completions: 5 }, {}, [made("a")], 2],
    [{ parallelism: 0, completions: 5 }, {}, [], 0],
    [{ parallelism: 2, completions: 3 }, { succeeded: 1 }, [succeeded("a")], 1],
  ];
  for (const [i, [spec, status, pods, create]] of rows.entries()) {
    assert.equal(
      decideJob(job(spec, { startTime: at(0).now, ...status }), pods, at(60)).create.length,
      create,
      `row ${i}`,
    );
  }
  const { completions: _none, ...spec } = job({ parallelism: 2 }).spec;
  const queue: Job = { ...job(), spec };
  assert.equal(decideJob(queue, [], at(0)).create.length, 2);
  assert.equal(decideJob(queue, [succeeded("a"), made("b")], at(60)).create.length, 0);
});

test("decideJob() lists what has ended before it lets go of it, once only", () => {
  const plan = decideJob(job({ completions: 3 }), [succeeded("a"), failed("b"), made("c")], at(60));
  assert.deepEqual(plan.status.uncountedTerminatedPods, { succeeded: ["uid-a"], failed: ["uid-b"] });
  assert.deepEqual(names(plan.release), ["a", "b"]);
  const again = decideJob(job({ completions: 3 }, plan.status), [succeeded("a"), failed("b"), made("c")], at(60));
  assert.deepEqual(again.status.uncountedTerminatedPods, { succeeded: ["uid-a"], failed: ["uid-b"] });
  const later = decideJob(job({ completions: 3 }), [succeeded("a", { released: true })], at(60));
  assert.deepEqual(later.release, []);
  assert.deepEqual(later.status.uncountedTerminatedPods, { succeeded: [], failed: [] });
});

test("decideJob() completes when enough pods succeeded and none runs any more", () => {
  const plan = decideJob(job(), [succeeded("a")], at(5));
  assert.deepEqual(reasons(plan), ["SuccessCriteriaMet CompletionsReached"]);
  assert.deepEqual(plan.finish, {
    type: "Complete",
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
  });
  const busy = decideJob(job({ parallelism: 2 }), [succeeded("a"), made("b")], at(5));
  assert.equal(busy.finish, undefined);
  assert.deepEqual(names(busy.end), ["b"]);
  assert.deepEqual(names(busy.release), ["a", "b"]);
});

test("decideJob() waits ten seconds after a failure, twice as long after each further one, and gives up at the limit", () => {
  const one = decideJob(job(), [failed("a", { ended: 100 })], at(104));
  assert.deepEqual([one.create.length, one.againMs], [0, 6000]);
  assert.equal(decideJob(job(), [failed("a", { ended: 100 })], at(110)).create.length, 1);
  const two = decideJob(job(), [failed("a", { ended: 100 }), failed("b", { ended: 120 })], at(125));
  assert.equal(two.againMs, 15_000);
  const three = decideJob(job({ backoffLimit: 2 }), [failed("a"), failed("b"), failed("c"), made("d")], at(900));
  assert.deepEqual(reasons(three), ["FailureTarget BackoffLimitExceeded"]);
  assert.deepEqual(names(three.end), ["d"]);
  assert.deepEqual(three.status.uncountedTerminatedPods?.failed, ["uid-a", "uid-b", "uid-c", "uid-d"]);
  assert.equal(three.finish, undefined);
});

test("decideJob() counts restarts in place where pods restart", () => {
  const onFailure = template({ app: "work" }, { restartPolicy: "OnFailure" }) as unknown as JobSpec["template"];
  const restarting = pod("a", {
    status: { phase: "Running", containerStatuses: [{ name: "main", restartCount: 2 }] },
  }) as Pod;
  assert.deepEqual(reasons(decideJob(job({ template: onFailure, backoffLimit: 2 }), [restarting], at(5))), [
    "FailureTarget BackoffLimitExceeded",
  ]);
  assert.deepEqual(reasons(decideJob(job({ template: onFailure, backoffLimit: 3 }), [restarting], at(5))), []);
});

test("decideJob() ends a job that runs for too long, and comes back in time for it", () => {
  const limited = job({ activeDeadlineSeconds: 30 });
  assert.equal(decideJob(limited, [made("a")], at(10)).againMs, 20_000);
  assert.deepEqual(reasons(decideJob(limited, [made("a")], at(30))), ["FailureTarget DeadlineExceeded"]);
});

test("decideJob() suspends and resumes: running pods are not counted, the start is forgotten", () => {
  const suspended = decideJob(job({ suspend: true }), [made("a")], at(5));
  assert.deepEqual(names(suspended.discard), ["a"]);
  assert.equal(suspended.status.startTime, undefined);
  assert.deepEqual(reasons(suspended), ["Suspended JobSuspended"]);
  assert.deepEqual(suspended.says, [{ reason: "Suspended", message: "Job suspended" }]);
  const resumed = decideJob(job({}, suspended.status), [], at(90));
  assert.equal(resumed.status.startTime, at(90).now);
  assert.deepEqual(reasons(resumed), ["Suspended JobResumed"]);
  assert.equal(resumed.create.length, 1);
});

test("decideJob() gives every index of an indexed job one pod at a time", () => {
  const indexed = { completionMode: "Indexed", completions: 4, parallelism: 2 };
  assert.deepEqual(decideJob(job(indexed), [], at(0)).create, [{ index: 0 }, { index: 1 }]);
  const plan = decideJob(job(indexed), [succeeded("a", { index: 0 }), made("b", { index: 1 })], at(5));
  assert.equal(plan.status.completedIndexes, "0");
  assert.equal(plan.status.succeeded, 1);
  assert.deepEqual(plan.create, [{ index: 2 }]);
  const twice = decideJob(
    job(indexed),
    [made("a", { index: 1 }), made("b", { index: 1 }), made("c", { index: 9 })],
    at(5),
  );
  assert.deepEqual(names(twice.discard), ["b", "c"]);
  const shrunk = decideJob(
    job({ ...indexed, parallelism: 1 }),
    [made("a", { index: 0 }), made("b", { index: 1 })],
    at(5),
  );
  assert.deepEqual(names(shrunk.discard), ["b"]);
});

test("decideJob() fails single indexes by their own limit, and the job when all are over", () => {
  const indexed = {
    completionMode: "Indexed",
    completions: 2,
    parallelism: 2,
    backoffLimitPerIndex: 1,
    backoffLimit: 99,
  };
  const once = decideJob(job(indexed), [failed("a", { index: 0, failures: 0 }), made("b", { index: 1 })], at(600));
  assert.deepEqual(once.create, [{ index: 0, failures: 1 }]);
  const done = decideJob(job(indexed), [failed("a", { index: 0, failures: 1 }), succeeded("b", { index: 1 })], at(600));
  assert.equal(done.status.failedIndexes, "0");
  assert.deepEqual(reasons(done), ["FailureTarget FailedIndexes"]);
});

test("decideJob() goes by the failure policy: fail the job, ignore, or count", () => {
  const podFailurePolicy = {
    rules: [
      { action: "FailJob", onExitCodes: { containerName: "main", operator: "In", values: [42] } },
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    ],
  };
  const judged = (own: Pod) => decideJob(job({ podFailurePolicy, podReplacementPolicy: "Failed" }), [own], at(600));
  const fatal = judged(failed("a", { exitCode: 42 }));
  assert.deepEqual(fatal.status.conditions?.[0]?.reason, "PodFailurePolicy");
  assert.equal(
    fatal.status.conditions?.[0]?.message,
    "Container main for pod default/a failed with exit code 42 matching FailJob rule at index 0",
  );
  const ignored = judged(failed("a", { exitCode: 1, conditions: [{ type: "DisruptionTarget", status: "True" }] }));
  assert.deepEqual(ignored.status.uncountedTerminatedPods?.failed, []);
  assert.deepEqual(names(ignored.release), ["a"]);
  assert.deepEqual(judged(failed("a", { exitCode: 7 })).status.uncountedTerminatedPods?.failed, ["uid-a"]);
});

test("decideJob() succeeds early by a success policy", () => {
  const successPolicy = { rules: [{ succeededIndexes: "0,2", succeededCount: 1 }] };
  const indexed = job({ completionMode: "Indexed", completions: 3, parallelism: 3, successPolicy });
  const running = [made("a", { index: 0 }), succeeded("b", { index: 1 }), made("c", { index: 2 })];
  assert.equal(decideJob(indexed, running, at(5)).finish, undefined);
  const plan = decideJob(indexed, [succeeded("a", { index: 0 }), made("c", { index: 2 })], at(5));
  assert.equal(plan.status.conditions?.[0]?.message, "Matched rules at index 0");
  assert.deepEqual(names(plan.end), ["c"]);
});

test("takeCensus() counts a pod that is deleted as failed, unless it is replaced only when it has ended", () => {
  const deleted = made("a", { deleted: true });
  assert.deepEqual(takeCensus(job(), [deleted]).uncounted.failed, ["uid-a"]);
  const patient = takeCensus(job({ podReplacementPolicy: "Failed" }), [deleted]);
  assert.deepEqual([patient.uncounted.failed, patient.terminating], [[], 1]);
});
