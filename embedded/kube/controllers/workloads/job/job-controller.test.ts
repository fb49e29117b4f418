import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { conditionOf, isTrue } from "../acting/conditions.ts";
import type { Pod } from "../acting/object-types.ts";
import { template } from "../testkit/objects.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";
import type { Job } from "./job-types.ts";

const JOBS = "jobs.batch";

let world: World;
before(async () => {
  world = await startWorld();
  await world.addNode("one");
});
after(() => world.stop());

function create(name: string, spec: object = {}): Promise<KubeObject> {
  return world.hand.create(JOBS, {
    kind: "Job",
    apiVersion: "batch/v1",
    metadata: { name, namespace: "default" },
    spec: { template: template({ job: name }, { restartPolicy: "Never" }), ...spec },
  });
}

const get = (name: string) => world.get<Job>(JOBS, `default/${name}`);
const pods = (job: string) => world.list<Pod>("pods", { job });

function running(job: string, count: number): Promise<Pod[]> {
  return world.until(`${count} pods of ${job}`, () => {
    const bound = pods(job).filter((pod) => pod.spec.nodeName !== undefined && pod.status?.phase === "Pending");
    return bound.length === count && bound;
  });
}

test("a job runs to its end, its pods are counted and let go of", async () => {
  await create("sum", { completions: 2, parallelism: 1 });
  const [first] = await running("sum", 1);
  assert.deepEqual(first?.metadata.finalizers, ["batch.kubernetes.io/job-tracking"]);
  assert.equal(first?.metadata.labels?.["batch.kubernetes.io/job-name"], "sum");
  await world.phase(first as Pod, "Succeeded");
  await world.until("the first counted", () => get("sum")?.status?.succeeded === 1);
  const [second] = await running("sum", 1);
  await world.phase(second as Pod, "Succeeded");
  const done = await world.until("the end", () => isTrue(get("sum")?.status?.conditions, "Complete") && get("sum"));
  assert.deepEqual(
    done.status?.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`),
    ["SuccessCriteriaMet=True CompletionsReached", "Complete=True CompletionsReached"],
  );
  assert.equal(done.status?.succeeded, 2);
  assert.equal(done.status?.active, undefined);
  assert.deepEqual(done.status?.uncountedTerminatedPods, {});
  assert.notEqual(done.status?.completionTime, undefined);
  assert.deepEqual(
    pods("sum").map((pod) => pod.metadata.finalizers),
    [undefined, undefined],
  );
  await world.until("the event", () =>
    world.list<KubeObject>("events").some((event) => event["reason"] === "Completed"),
  );
});

test("a job whose pod fails too often fails, and ends what still runs", async () => {
  await create("bad", { parallelism: 2, completions: 2, backoffLimit: 0 });
  const [first] = await running("bad", 2);
  await world.phase(first as Pod, "Failed");
  await world.until("the target", () => isTrue(get("bad")?.status?.conditions, "FailureTarget"));
  const left = await world.until("one to end", () => {
    const ending = pods("bad").filter((pod) => pod.metadata.deletionTimestamp !== undefined);
    return ending.length === 1 && ending[0];
  });
  assert.equal(isTrue(get("bad")?.status?.conditions, "Failed"), false);
  await world.hand.remove("pods", left, { gracePeriodSeconds: 0 });
  const failed = await world.until("the end", () => isTrue(get("bad")?.status?.conditions, "Failed") && get("bad"));
  assert.equal(conditionOf(failed.status?.conditions, "Failed")?.reason, "BackoffLimitExceeded");
  assert.equal(failed.status?.failed, 2);
  assert.equal(failed.status?.completionTime, undefined);
});

test("an indexed job tells its pods who they are, and knows which are done", async () => {
  await create("part", { completionMode: "Indexed", completions: 3, parallelism: 3 });
  const all = await running("part", 3);
  const last = all.find((pod) => pod.metadata.annotations?.["batch.kubernetes.io/job-completion-index"] === "2") as Pod;
  assert.match(last.metadata.name ?? "", /^part-2-.{5}$/);
  assert.equal(last.spec.hostname, "part-2");
  assert.deepEqual(last.spec.containers?.[0]?.env, [
    {
      name: "JOB_COMPLETION_INDEX",
      valueFrom: {
        fieldRef: { apiVersion: "v1", fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" },
      },
    },
  ]);
  for (const pod of all) if (pod !== last) await world.phase(pod, "Succeeded");
  await world.until("two done", () => get("part")?.status?.completedIndexes === "0,1");
  await world.phase(last, "Succeeded");
  const done = await world.until("the end", () => isTrue(get("part")?.status?.conditions, "Complete") && get("part"));
  assert.equal(done.status?.completedIndexes, "0-2");
});

test("a suspended job has no pods until it is resumed", async () => {
  await create("sleep", { suspend: true });
  await world.until("the condition", () => isTrue(get("sleep")?.status?.conditions, "Suspended"));
  assert.equal(pods("sleep").length, 0);
  await world.patch(JOBS, "default/sleep", { suspend: false });
  await running("sleep", 1);
  await world.until("the start", () => get("sleep")?.status?.startTime);
  await world.patch(JOBS, "default/sleep", { suspend: true });
  await world.until("suspended again", () => {
    const ending = pods("sleep").every((pod) => pod.metadata.deletionTimestamp !== undefined);
    return ending && get("sleep")?.status?.startTime === undefined;
  });
  assert.equal(get("sleep")?.status?.failed, undefined);
});

test("a job goes by itself after its time, and its pods with it", async () => {
  await create("brief", { ttlSecondsAfterFinished: 0 });
  const [pod] = await running("brief", 1);
  await world.phase(pod as Pod, "Succeeded");
  await world.until("all gone", () => get("brief") === undefined && pods("brief").length === 0);
});

test("the pods of a job that is deleted are not held for ever", async () => {
  const job = await create("dropped", { parallelism: 2, completions: 2 });
  const [first] = await running("dropped", 2);
  await world.hand.remove("pods", first as Pod, { gracePeriodSeconds: 0 });
  await world.hand.remove(JOBS, job);
  await world.until("held no more", () =>
    pods("dropped").every(
      (pod) => pod.metadata.finalizers === undefined && pod.metadata.deletionTimestamp !== undefined,
    ),
  );
});
