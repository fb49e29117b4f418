import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { isTrue } from "../acting/conditions.ts";
import type { Pod } from "../acting/object-types.ts";
import type { Job } from "../job/job-types.ts";
import { template } from "../testkit/objects.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";
import type { CronJob } from "./cron-job-types.ts";

const CRON_JOBS = "cronjobs.batch";
const JOBS = "jobs.batch";
const START = Date.UTC(2026, 0, 1, 10, 0, 30);

let world: World;
let now = START;
before(async () => {
  world = await startWorld({ now: () => now });
  await world.addNode("one");
});
after(() => world.stop());

function create(name: string, spec: object = {}): Promise<KubeObject> {
  return world.hand.create(CRON_JOBS, {
    kind: "CronJob",
    apiVersion: "batch/v1",
    metadata: { name, namespace: "default" },
    spec: {
      schedule: "*/10 * * * *",
      jobTemplate: {
        metadata: { labels: { cron: name } },
        spec: { template: template({ cron: name }, { restartPolicy: "Never" }) },
      },
      ...spec,
    },
  });
}

const get = (name: string) => world.get<CronJob>(CRON_JOBS, `default/${name}`);
const jobs = (cron: string) => world.list<Job>(JOBS, { cron });

/** Sets the clock; a note on the CronJob makes the controller look. */
async function jumpTo(time: string, name: string): Promise<void> {
  now = Date.parse(`2026-01-01T${time}Z`);
  await world.hand.change(CRON_JOBS, get(name) as KubeObject, (live) => {
    live.metadata.annotations = { time };
    return undefined;
  });
}

test("a CronJob starts a job when it is due, and takes note of its end", async () => {
  await create("tick");
  await jumpTo("10:10:02", "tick");
  const started = await world.until(
    "the job",
    () => jobs("tick").length === 1 && get("tick")?.status?.active?.length === 1 && get("tick"),
  );
  const [job] = jobs("tick");
  assert.equal(job?.metadata.name, `tick-${Date.UTC(2026, 0, 1, 10, 10) / 60_000}`);
  assert.equal(job?.metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"], "2026-01-01T10:10:00Z");
  assert.equal(started.status?.lastScheduleTime, "2026-01-01T10:10:00Z");
  assert.equal(started.status?.active?.[0]?.uid, job?.metadata.uid);
  const pod = await world.until("the pod", () =>
    world.list<Pod>("pods", { cron: "tick" }).find((own) => own.spec.nodeName),
  );
  await world.phase(pod, "Succeeded");
  await world.until("the end", () => isTrue(jobs("tick")[0]?.status?.conditions, "Complete"));
  await world.until(
    "the note",
    () => get("tick")?.status?.active === undefined && get("tick")?.status?.lastSuccessfulTime,
  );
  assert.equal(get("tick")?.status?.lastSuccessfulTime, "2026-01-01T10:10:02Z");
});

test("a CronJob replaces the job that still runs, and its pods go", async () => {
  now = START;
  await create("swap", { concurrencyPolicy: "Replace" });
  await jumpTo("10:10:02", "swap");
  const [first] = await world.until(
    "the job",
    () => jobs("swap").length === 1 && get("swap")?.status?.active !== undefined && jobs("swap"),
  );
  await world.until("the pod", () => world.list<Pod>("pods", { cron: "swap" }).length === 1);
  await jumpTo("10:20:02", "swap");
  await world.until("the second", () => {
    const [only, ...more] = jobs("swap");
    return more.length === 0 && only !== undefined && only.metadata.uid !== first?.metadata.uid;
  });
  await world.until("the reference", () => get("swap")?.status?.active?.[0]?.uid === jobs("swap")[0]?.metadata.uid);
});

test("a CronJob keeps as many finished jobs as it may", async () => {
  now = START;
  await create("short", { successfulJobsHistoryLimit: 1 });
  for (const time of ["10:10:01", "10:20:01", "10:30:01"]) {
    await jumpTo(time, "short");
    const pod = await world.until("the pod", () =>
      world.list<Pod>("pods", { cron: "short" }).find((own) => own.spec.nodeName && own.status?.phase === "Pending"),
    );
    await world.phase(pod, "Succeeded");
    await world.until(
      "the end",
      () =>
        jobs("short").some((job) => isTrue(job.status?.conditions, "Complete")) &&
        get("short")?.status?.active === undefined,
    );
  }
  await world.until("one left", () => jobs("short").length === 1);
});
