import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMicroTime } from "./micro-time.ts";

test("a time has exactly six decimals and is kept in UTC", () => {
  assert.deepEqual(parseMicroTime("2021-01-01T00:00:05.123456Z"), { text: "2021-01-01T00:00:05.123456Z" });
  assert.deepEqual(parseMicroTime("2021-01-01T02:00:05.123456+02:00"), { text: "2021-01-01T00:00:05.123456Z" });
  assert.deepEqual(parseMicroTime("2021-01-01T00:00:05Z"), {
    error: 'parsing time "2021-01-01T00:00:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
  });
  assert.deepEqual(parseMicroTime("soon"), {
    error: 'parsing time "soon" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "soon" as "2006"',
  });
  assert.deepEqual(parseMicroTime("2021-13-01T00:00:05.000000Z"), {
    error: 'parsing time "2021-13-01T00:00:05.000000Z": month out of range',
  });
});
