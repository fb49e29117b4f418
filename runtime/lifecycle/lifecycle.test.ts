import assert from "node:assert/strict";
import { test } from "node:test";
import { SILENT } from "../log/logger.ts";
import { Lifecycle, type Part } from "./lifecycle.ts";

const recorder = () => {
  const seen: string[] = [];
  const part = (name: string, change: Partial<Part> = {}): Part => ({
    name,
    start: async () => void seen.push(`start ${name}`),
    stop: async () => void seen.push(`stop ${name}`),
    ...change,
  });
  return { seen, part };
};

test("parts start in order and stop in the opposite one, once", async () => {
  const { seen, part } = recorder();
  const life = new Lifecycle([part("a"), part("b")], { log: SILENT });
  await life.start();
  assert.deepEqual(await Promise.all([life.stop(), life.stop()]), [true, true]);
  assert.deepEqual(seen, ["start a", "start b", "stop b", "stop a"]);
});

test("a part that fails to start stops those before it", async () => {
  const { seen, part } = recorder();
  const broken = part("b", { start: () => Promise.reject(new Error("no")) });
  await assert.rejects(new Lifecycle([part("a"), broken, part("c")], { log: SILENT }).start(), /no/);
  assert.deepEqual(seen, ["start a", "stop a"]);
});

test("a stop while a part is still starting stops that part too, and starts no further ones", async () => {
  const { seen, part } = recorder();
  let finish = () => {};
  const slow = part("b", {
    start: () =>
      new Promise((resolve) => {
        finish = resolve;
      }),
  });
  const life = new Lifecycle([part("a"), slow, part("c")], { log: SILENT });
  const starting = life.start();
  await new Promise(setImmediate);
  assert.equal(await life.stop(), true);
  finish();
  await assert.rejects(starting, /stopped/);
  assert.deepEqual(seen, ["start a", "stop b", "stop a"]);
});

test("a part that fails to stop is told of, and the others are stopped all the same", async () => {
  const { seen, part } = recorder();
  const life = new Lifecycle([part("a"), part("b", { stop: () => Promise.reject(new Error("stuck")) })], {
    log: SILENT,
  });
  await life.start();
  assert.equal(await life.stop(), false);
  assert.deepEqual(seen, ["start a", "start b", "stop a"]);
});

test("a part that never stops does not hold the process longer than the drain time", async () => {
  const { part } = recorder();
  const life = new Lifecycle([part("a", { stop: () => new Promise(() => undefined) })], { log: SILENT, drainMs: 20 });
  await life.start();
  const holder = setInterval(() => undefined, 1000); // the drain timer alone keeps no process alive
  assert.equal(await life.stop(), false);
  clearInterval(holder);
});
