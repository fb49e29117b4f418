import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { lockDirectory } from "./directory-lock.ts";
import { temporaryDirectory } from "./testkit/directories.ts";

test("a directory is held once, and free again after the release", async (t) => {
  const dir = temporaryDirectory(t);
  const unlock = await lockDirectory(dir);
  await assert.rejects(lockDirectory(dir), { code: "STORE_LOCKED" });
  await unlock();
  assert.equal(existsSync(join(dir, "LOCK")), false);
  await (await lockDirectory(dir))();
});

test("a living process keeps its directory, a killed one loses it", async (t) => {
  const dir = temporaryDirectory(t);
  const holder = spawn(process.execPath, [join(import.meta.dirname, "testkit/hold-lock.ts"), dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  const lock = readFileSync(join(dir, "LOCK"), "utf8");
  await assert.rejects(lockDirectory(dir), {
    code: "STORE_LOCKED",
    message: `Cannot open "${dir}": the process ${holder.pid} has it open. Stop it first, or give another data directory`,
  });
  assert.equal(readFileSync(join(dir, "LOCK"), "utf8"), lock);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const unlock = await lockDirectory(dir);
  assert.equal(readFileSync(join(dir, "LOCK"), "utf8").split(" ")[0], String(process.pid));
  await unlock();
});

for (const [what, text] of [
  ["of a process id that belongs to another process now", "1 99999999999\n"],
  ["of this process id from before a restart of the container", `${process.pid} 1\n`],
  ["that is empty", ""],
  ["that was cut short", "1"],
  ["of a dead process, cut short", "2147483646"],
  ["that holds something else", "not a lock at all\n"],
]) {
  test(`a lock ${what} is taken over`, async (t) => {
    const dir = temporaryDirectory(t);
    writeFileSync(join(dir, "LOCK"), text as string);
    const unlock = await lockDirectory(dir);
    assert.equal(readFileSync(join(dir, "LOCK"), "utf8").split(" ")[0], String(process.pid));
    await unlock();
  });
}

test("of several processes that want the directory of a dead one at once, one gets it", async (t) => {
  const dirs = Array.from({ length: 60 }, () => temporaryDirectory(t));
  for (const dir of dirs) writeFileSync(join(dir, "LOCK"), "2147483646 1\n");
  const racers = Array.from({ length: 4 }, () => {
    const racer = spawn(process.execPath, [join(import.meta.dirname, "testkit/race-for-locks.ts")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.after(() => racer.kill("SIGKILL"));
    return { racer, lines: createInterface({ input: racer.stdout })[Symbol.asyncIterator]() };
  });
  for (const { lines } of racers) assert.equal((await lines.next()).value, "ready");
  for (const dir of dirs) {
    for (const { racer } of racers) racer.stdin.write(`${dir}\n`);
    const outcomes = await Promise.all(racers.map(async ({ lines }) => String((await lines.next()).value)));
    assert.deepEqual(outcomes.sort(), ["STORE_LOCKED", "STORE_LOCKED", "STORE_LOCKED", "held"]);
    assert.deepEqual(readdirSync(dir), ["LOCK"]);
  }
});
