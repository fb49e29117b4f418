import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplacementPace } from "./replacement-pace.ts";

test("ReplacementPace doubles with every failure, up to fifteen minutes, and forgets after half an hour of peace", () => {
  const pace = new ReplacementPace();
  assert.equal(pace.leftMs("a", 0), 0);
  pace.note("a", 0);
  assert.equal(pace.leftMs("a", 400), 600);
  assert.equal(pace.leftMs("b", 400), 0);
  pace.note("a", 1000);
  assert.equal(pace.leftMs("a", 1000), 2000);
  for (let i = 0; i < 20; i++) pace.note("a", 2000);
  assert.equal(pace.leftMs("a", 2000), 900_000);
  pace.note("a", 2000 + 1_800_000);
  assert.equal(pace.leftMs("a", 2000 + 1_800_000), 1000);
});
