import assert from "node:assert/strict";
import { test } from "node:test";
import { defineErrors } from "@holdfast/base/errors/holdfast-error";
import { createLogger } from "./logger.ts";
import { redact } from "./redact.ts";

const capture = (level: "debug" | "info" = "info") => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    level,
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    write: (line) => lines.push(JSON.parse(line)),
  });
  return { log, lines };
};

test("a line has time, level, message, bound and own fields", () => {
  const { log, lines } = capture();
  log.child({ service: "x" }).info("session closed", { bytesIn: 5 });
  log.debug("not written");
  assert.deepEqual(lines, [
    { time: "2026-01-02T03:04:05.000Z", level: "info", msg: "session closed", service: "x", bytesIn: 5 },
  ]);
});

test("values under names of secrets and tokens inside of texts are hidden", () => {
  const jwt = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(20)}`;
  assert.deepEqual(
    redact({
      token: "abc",
      user_password: "x",
      Authorization: "y",
      note: `saw Bearer abcdefgh12345 and ${jwt}`,
      nested: { apiKey: 1 },
    }),
    {
      token: "[redacted]",
      user_password: "[redacted]",
      Authorization: "[redacted]",
      note: "saw [redacted] and [redacted]",
      nested: { apiKey: "[redacted]" },
    },
  );
});

test("a private key in a text is hidden, even without its end", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMIIB\n";
  assert.equal(redact(`x ${key}`), "x [redacted private key]");
});

test("errors keep code and causes, bytes show their number only", () => {
  const table = defineErrors({ T_BROKEN: { message: "Cannot go on: {why}", fault: "us", retry: "never" } });
  const { log, lines } = capture();
  log.error("failed", {
    error: table.create("T_BROKEN", { why: "no" }, { cause: new Error("Bearer abcdefghijk") }),
    bytes: Buffer.from("secret"),
  });
  const [line] = lines as [{ error: { message: string; code: string; cause: { message: string } }; bytes: string }];
  assert.equal(line.error.message, "Cannot go on: no");
  assert.equal(line.error.code, "T_BROKEN");
  assert.equal(line.error.cause.message, "[redacted]");
  assert.equal(line.bytes, "[6 bytes]");
});

test("a value that is too deep or too long is cut", () => {
  let deep: unknown = "end";
  for (let i = 0; i < 20; i++) deep = { deep };
  assert.match(JSON.stringify(redact(deep)), /\[deeper\]/);
  assert.match(redact("x".repeat(5000)) as string, /… \(5000 characters\)$/);
});
