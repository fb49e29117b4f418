import assert from "node:assert/strict";
import { test } from "node:test";
import { SILENT } from "../log/logger.ts";
import { WorkQueue } from "./work-queue.ts";

const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

test("one key is never worked on twice at a time, and an add meanwhile leads to one more turn", async () => {
  const first = gate();
  const second = gate();
  let running = 0;
  let turns = 0;
  const queue = new WorkQueue(
    async () => {
      assert.equal(++running, 1);
      turns++;
      if (turns === 1) await first.opened;
      running--;
      if (turns === 2) second.open();
      return undefined;
    },
    { name: "t", log: SILENT },
  );
  queue.add("k");
  await Promise.resolve();
  await Promise.resolve();
  queue.add("k");
  queue.add("k");
  first.open();
  await second.opened;
  await queue.stop();
  assert.equal(turns, 2);
});

test("a failure is tried again until it succeeds", async () => {
  const done = gate();
  let turns = 0;
  const queue = new WorkQueue(
    async () => {
      if (++turns < 4) throw new Error("not yet");
      done.open();
      return undefined;
    },
    { name: "t", log: SILENT, firstRetryMs: 1 },
  );
  queue.add("k");
  await done.opened;
  await queue.stop();
  assert.equal(turns, 4);
});

test("no more keys than the concurrency are worked on at once", async () => {
  let running = 0;
  let most = 0;
  let left = 20;
  const done = gate();
  const queue = new WorkQueue(
    async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (--left === 0) done.open();
      return undefined;
    },
    { name: "t", log: SILENT, concurrency: 3 },
  );
  for (let i = 0; i < 20; i++) queue.add(`k${i}`);
  await done.opened;
  await queue.stop();
  assert.equal(most, 3);
});
