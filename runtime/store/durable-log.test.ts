import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DurableLog } from "./durable-log.ts";
import { encodeRecords, MAX_PAYLOAD_BYTES } from "./record.ts";
import { contentsOf, temporaryDirectory } from "./testkit/directories.ts";

async function open(dir: string, segmentBytes = 1_000_000): Promise<{ log: DurableLog; replayed: string[] }> {
  const replayed: string[] = [];
  const log = await DurableLog.open({ dir, format: 1, segmentBytes }, (payload) => replayed.push(payload.toString()));
  return { log, replayed };
}

/** What a start would find, the directory closed again. */
async function replay(dir: string): Promise<string[]> {
  const { log, replayed } = await open(dir);
  await log.close();
  return replayed;
}

async function directoryWith(dir: string, payloads: readonly string[]): Promise<void> {
  const { log } = await open(dir);
  await Promise.all(payloads.map((payload) => log.append(Buffer.from(payload))));
  await log.close();
}

test("what was acknowledged is replayed in the order of the calls", async (t) => {
  const dir = temporaryDirectory(t);
  await directoryWith(dir, ["one", "two", "three"]);
  await directoryWith(dir, ["four"]);
  assert.deepEqual(await replay(dir), ["one", "two", "three", "four"]);
  assert.deepEqual(readdirSync(dir).sort(), ["FORMAT", "segment-1"]);
});

test("a tail torn at any byte of the last record leaves exactly the records before it, and writing goes on", async (t) => {
  const dir = temporaryDirectory(t);
  await directoryWith(dir, ["one", "two", "the last record"]);
  const file = join(dir, "segment-1");
  const whole = readFileSync(file);
  for (let size = 22; size < whole.length; size++) {
    writeFileSync(file, whole.subarray(0, size));
    const { log, replayed } = await open(dir);
    assert.deepEqual(replayed, ["one", "two"]);
    await log.append(Buffer.from("next"));
    await log.close();
    assert.deepEqual(await replay(dir), ["one", "two", "next"]);
  }
});

test("a damaged byte with whole records after it is refused and nothing in the directory changes", async (t) => {
  const dir = temporaryDirectory(t);
  await directoryWith(dir, ["first", "second", "third"]);
  const file = join(dir, "segment-1");
  const whole = readFileSync(file);
  writeFileSync(join(dir, "snapshot-9.tmp"), "unfinished");
  for (let at = 13; at < 27; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ 0xff;
    writeFileSync(file, damaged);
    const before = contentsOf(dir);
    await assert.rejects(open(dir), {
      code: "STORE_CORRUPT",
      message: `Cannot open "${file}": the record at byte 13 is damaged and records follow it. It was left as it is; restore the file or the directory from a copy`,
    });
    assert.deepEqual(contentsOf(dir), before);
  }
});

test("a torn tail is forgiven in the last segment only", async (t) => {
  const dir = temporaryDirectory(t);
  await directoryWith(dir, ["one", "two"]);
  const file = join(dir, "segment-1");
  writeFileSync(file, readFileSync(file).subarray(0, 15));
  writeFileSync(join(dir, "segment-2"), encodeRecords([Buffer.from("three")]));
  const before = contentsOf(dir);
  await assert.rejects(open(dir), { code: "STORE_CORRUPT" });
  assert.deepEqual(contentsOf(dir), before);
});

test("a missing segment is refused: what was acknowledged in it is gone", async (t) => {
  const dir = temporaryDirectory(t);
  await directoryWith(dir, ["one"]);
  writeFileSync(join(dir, "segment-3"), encodeRecords([Buffer.from("three")]));
  const before = contentsOf(dir);
  await assert.rejects(open(dir), { code: "STORE_CORRUPT" });
  assert.deepEqual(contentsOf(dir), before);
});

test("a damaged snapshot is refused", async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, "snapshot-2"), encodeRecords([Buffer.from("state")]).subarray(0, 10));
  writeFileSync(join(dir, "segment-2"), "");
  await assert.rejects(open(dir), { code: "STORE_CORRUPT" });
});

test("after a snapshot a start sees it and what followed, and the older files are gone", async (t) => {
  const dir = temporaryDirectory(t);
  const { log } = await open(dir, 20);
  await log.append(Buffer.from("one"));
  assert.equal(log.wantsSnapshot, false);
  await log.append(Buffer.from("two"));
  assert.equal(log.wantsSnapshot, true);
  await log.snapshot([Buffer.from("one and two")]);
  assert.equal(log.wantsSnapshot, false);
  await log.append(Buffer.from("three"));
  await log.close();
  assert.deepEqual(readdirSync(dir).sort(), ["FORMAT", "segment-2", "snapshot-2"]);
  assert.deepEqual(await replay(dir), ["one and two", "three"]);
});

test("an unfinished snapshot is swept away and every segment is replayed", async (t) => {
  const dir = temporaryDirectory(t);
  await directoryWith(dir, ["one"]);
  writeFileSync(join(dir, "segment-2"), encodeRecords([Buffer.from("two")]));
  writeFileSync(join(dir, "snapshot-2.tmp"), encodeRecords([Buffer.from("half of it")]));
  assert.deepEqual(await replay(dir), ["one", "two"]);
  assert.deepEqual(readdirSync(dir).sort(), ["FORMAT", "segment-1", "segment-2"]);
});

test("a snapshot that fails leaves no file behind and loses nothing", async (t) => {
  const dir = temporaryDirectory(t);
  const { log } = await open(dir);
  await log.append(Buffer.from("one"));
  const broken = (function* () {
    yield Buffer.from("state");
    throw new Error("no more");
  })();
  await assert.rejects(log.snapshot(broken), { message: "no more" });
  await log.append(Buffer.from("two"));
  await log.close();
  assert.deepEqual(readdirSync(dir).sort(), ["FORMAT", "segment-1", "segment-2"]);
  assert.deepEqual(await replay(dir), ["one", "two"]);
});

test("a snapshot gets its turn under writes that never pause", async (t) => {
  const dir = temporaryDirectory(t);
  const { log } = await open(dir);
  let running = true;
  const writers = ["a", "b", "c"].map(async (name) => {
    let count = 0;
    while (running && count < 20_000) await log.append(Buffer.from(`${name}${count++}`));
    return count;
  });
  await log.append(Buffer.from("begun"));
  await log.snapshot([Buffer.from("state")]);
  running = false;
  const counts = await Promise.all(writers);
  await log.close();
  for (const count of counts) assert.ok(count < 20_000);
  const replayed = await replay(dir);
  assert.equal(replayed[0], "state");
  // What each writer wrote after the snapshot began is there without a gap, up to its last acknowledged record.
  for (const [i, name] of ["a", "b", "c"].entries()) {
    const seen = replayed.slice(1).flatMap((p) => (p.startsWith(name) ? [Number(p.slice(1))] : []));
    assert.equal(seen.at(-1), (counts[i] as number) - 1);
    assert.deepEqual(
      seen,
      seen.map((_, k) => (seen[0] as number) + k),
    );
  }
});

test("a payload that is empty or too large is refused alone", async (t) => {
  const dir = temporaryDirectory(t);
  const { log } = await open(dir);
  const [before, empty, large, after] = await Promise.allSettled([
    log.append(Buffer.from("before")),
    log.append(Buffer.alloc(0)),
    log.append(Buffer.alloc(MAX_PAYLOAD_BYTES + 1)),
    log.append(Buffer.from("after")),
  ]);
  assert.equal(before?.status, "fulfilled");
  assert.equal((empty as PromiseRejectedResult).reason.code, "STORE_RECORD_TOO_LARGE");
  assert.equal((large as PromiseRejectedResult).reason.code, "STORE_RECORD_TOO_LARGE");
  assert.equal(after?.status, "fulfilled");
  await log.close();
  assert.deepEqual(await replay(dir), ["before", "after"]);
});

test("closing waits for what was appended, refuses what comes later, and may be asked for twice", async (t) => {
  const dir = temporaryDirectory(t);
  const { log } = await open(dir);
  const appended = log.append(Buffer.from("one"));
  const closed = Promise.all([log.close(), log.close()]);
  await assert.rejects(log.append(Buffer.from("late")), { code: "STORE_CLOSED" });
  await appended;
  await closed;
  assert.equal(existsSync(join(dir, "LOCK")), false);
  assert.deepEqual(await replay(dir), ["one"]);
});

test("a full disk fails the group it meets, later writes succeed, and a start finds what was acknowledged", async (t) => {
  const dir = temporaryDirectory(t);
  const child = join(import.meta.dirname, "testkit/write-until-full.ts");
  // In dash and in POSIX mode the unit is 512 bytes; bash outside of it counts 1024, which `sh` never is.
  const output = execFileSync("sh", ["-c", 'ulimit -f 16 && exec "$0" "$1" "$2"', process.execPath, child, dir], {
    encoding: "utf8",
  });
  assert.deepEqual(JSON.parse(output), {
    acknowledged: ["A", "B", "E", "G"],
    refused: ["C STORE_WRITE_FAILED", "D STORE_WRITE_FAILED", "F STORE_WRITE_FAILED"],
  });
  assert.deepEqual(
    (await replay(dir)).map((p) => [p[0], p.length]),
    [
      ["A", 3000],
      ["B", 3000],
      ["E", 100],
      ["G", 200],
    ],
  );
});
