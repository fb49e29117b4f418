import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DurableLog } from "./durable-log.ts";
import { checkFormat } from "./format-file.ts";
import { contentsOf, temporaryDirectory } from "./testkit/directories.ts";

test("an empty directory is given the format number", async (t) => {
  const dir = temporaryDirectory(t);
  await checkFormat(dir, 3);
  assert.deepEqual(contentsOf(dir), { FORMAT: Buffer.from("3\n").toString("hex") });
});

test("a directory of the same or an older format is read", async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, "FORMAT"), "2\n");
  await checkFormat(dir, 2);
  await checkFormat(dir, 3);
  assert.deepEqual(contentsOf(dir), { FORMAT: Buffer.from("2\n").toString("hex") });
});

test("a directory of a newer format is refused and left byte for byte as it was", async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, "FORMAT"), "2\n");
  writeFileSync(join(dir, "segment-1"), "half a record");
  writeFileSync(join(dir, "snapshot-1.tmp"), "unfinished");
  const before = contentsOf(dir);
  await assert.rejects(
    DurableLog.open({ dir, format: 1 }, () => assert.fail("nothing may be read")),
    {
      code: "STORE_FORMAT_NEWER",
      message: `Cannot open "${dir}": it was written in format 2, this version reads up to format 1. It was left as it is; start the newer version, or give another data directory`,
    },
  );
  assert.deepEqual(contentsOf(dir), before);
});

for (const text of ["", "one", "-1", "1.5", "1\n2\n", "9999999999", " 1"]) {
  test(`a FORMAT of ${JSON.stringify(text)} is refused`, async (t) => {
    const dir = temporaryDirectory(t);
    writeFileSync(join(dir, "FORMAT"), text);
    await assert.rejects(checkFormat(dir, 1), { code: "STORE_FORMAT_UNREADABLE" });
  });
}
