import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { template } from "../testkit/objects.ts";
import type { CronJob } from "./cron-job-types.ts";
import { decideCronJob } from "./decide-cron-job.ts";
import { parseSchedule } from "./schedule.ts";

const START = Date.UTC(2026, 0, 1);

test("decideCronJob() starts the last time of the schedule that is not after now, however long nobody looked", () => {
  const schedule = fc.constantFrom(
    "* * * * *",
    "*/7 3-5 * * *",
    "0 0 * * 1",
    "30 12 1,15 * *",
    "* 10 * * 2",
    "@every 90s",
    "15 2 29 2 *",
  );
  fc.assert(
    fc.property(schedule, fc.integer({ min: 0, max: 40 * 86_400 }), (text, seconds) => {
      const cron: CronJob = {
        kind: "CronJob",
        apiVersion: "batch/v1",
        metadata: { name: "x", namespace: "default", creationTimestamp: new Date(START).toISOString() },
        spec: { schedule: text, jobTemplate: { spec: { selector: {}, template: template({}) as never } } },
      };
      const now = START + seconds * 1000;
      const parsed = parseSchedule(text);
      let expected: number | undefined;
      for (let next = parsed?.next(START); next !== undefined && next <= now; next = parsed?.next(next))
        expected = next;
      assert.equal(decideCronJob(cron, [], now).start, expected);
    }),
    { numRuns: 60 },
  );
});
