import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSchedule } from "./schedule.ts";

/** The next times of a schedule, as UTC to the minute. */
function times(schedule: string, from: string, options: { count?: number; zone?: string } = {}): string[] {
  const parsed = parseSchedule(schedule, options.zone);
  assert.ok(parsed !== undefined, schedule);
  const found: string[] = [];
  let at = Date.parse(from);
  for (let i = 0; i < (options.count ?? 3); i++) {
    const next = parsed.next(at);
    if (next === undefined) break;
    found.push(new Date(next).toISOString().slice(0, 16));
    at = next;
  }
  return found;
}

test("next() finds the times of a schedule in UTC", () => {
  const rows: readonly [string, string, string[]][] = [
    ["* * * * *", "2026-03-01T10:00:00Z", ["2026-03-01T10:01", "2026-03-01T10:02", "2026-03-01T10:03"]],
    ["* * * * *", "2026-03-01T10:00:59.999Z", ["2026-03-01T10:01", "2026-03-01T10:02", "2026-03-01T10:03"]],
    ["*/20 * * * *", "2026-03-01T10:41:00Z", ["2026-03-01T11:00", "2026-03-01T11:20", "2026-03-01T11:40"]],
    ["30 4 1,15 * *", "2026-03-01T10:00:00Z", ["2026-03-15T04:30", "2026-04-01T04:30", "2026-04-15T04:30"]],
    ["0 9-17/4 * * mon-fri", "2026-03-06T14:00:00Z", ["2026-03-06T17:00", "2026-03-09T09:00", "2026-03-09T13:00"]],
    ["0 0 29 feb *", "2026-03-01T00:00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]],
    // Two restrictions on the day: either will do.
    ["0 0 13 * 5", "2026-03-01T00:00:00Z", ["2026-03-06T00:00", "2026-03-13T00:00", "2026-03-20T00:00"]],
    ["0 0 */10 * 5", "2026-03-01T00:00:00Z", ["2026-05-01T00:00", "2026-07-31T00:00", "2026-08-21T00:00"]],
    ["5/15 3 * * *", "2026-03-01T03:10:00Z", ["2026-03-01T03:20", "2026-03-01T03:35", "2026-03-01T03:50"]],
    ["@hourly", "2026-03-01T10:30:00Z", ["2026-03-01T11:00", "2026-03-01T12:00", "2026-03-01T13:00"]],
    ["@weekly", "2026-03-01T10:30:00Z", ["2026-03-08T00:00", "2026-03-15T00:00", "2026-03-22T00:00"]],
    ["@yearly", "2026-03-01T10:30:00Z", ["2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"]],
    ["@every 1h30m", "2026-03-01T10:00:00Z", ["2026-03-01T11:30", "2026-03-01T13:00", "2026-03-01T14:30"]],
  ];
  for (const [schedule, from, expected] of rows) assert.deepEqual(times(schedule, from), expected, schedule);
});

test("next() goes by the clocks of a time zone, through their changes", () => {
  const berlin = { zone: "Europe/Berlin" };
  assert.deepEqual(times("0 12 * * *", "2026-03-28T00:00:00Z", berlin), [
    "2026-03-28T11:00",
    "2026-03-29T10:00",
    "2026-03-30T10:00",
  ]);
  // Half past two does not exist on the last Sunday of March.
  assert.deepEqual(times("30 2 * * *", "2026-03-28T00:00:00Z", berlin), [
    "2026-03-28T01:30",
    "2026-03-30T00:30",
    "2026-03-31T00:30",
  ]);
  assert.deepEqual(times("0 0 * * *", "2026-10-24T12:00:00Z", berlin), [
    "2026-10-24T22:00",
    "2026-10-25T23:00",
    "2026-10-26T23:00",
  ]);
  const kolkata = { zone: "Asia/Kolkata" };
  assert.deepEqual(times("0 0 1 * *", "2026-03-15T00:00:00Z", kolkata), [
    "2026-03-31T18:30",
    "2026-04-30T18:30",
    "2026-05-31T18:30",
  ]);
  // Midnight is skipped in Santiago when summer begins: the day starts at one.
  assert.deepEqual(times("0 5 6 sep *", "2026-09-01T00:00:00Z", { zone: "America/Santiago", count: 1 }), [
    "2026-09-06T08:00",
  ]);
});

test("next() gives up on a day that never comes", () => {
  assert.equal(parseSchedule("0 0 30 feb *")?.next(Date.parse("2026-01-01T00:00:00Z")), undefined);
});

test("parseSchedule() refuses what is no schedule", () => {
  for (const text of [
    "",
    "* * * *",
    "60 * * * *",
    "* * * * 7",
    "5-1 * * * *",
    "*/0 * * * *",
    "@reboot",
    "@every soon",
    "1-2-3 * * * *",
  ])
    assert.equal(parseSchedule(text), undefined, text);
  assert.equal(parseSchedule("* * * * *", "Nowhere/Else"), undefined);
});
