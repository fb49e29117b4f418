// What passes of the recorded transcripts may only grow: floor.json holds the committed numbers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { replaySuite } from "../../tools/golden/replay-suite.ts";

interface Floor {
  /** Steps that match to the word. */
  readonly passed: number;
  /** Steps that match in substance: status, reason, fields and causes. */
  readonly inSubstance: number;
}
const floors = JSON.parse(readFileSync(join(import.meta.dirname, "floor.json"), "utf8")) as Record<string, Floor>;

for (const [suite, floor] of Object.entries(floors)) {
  test(`${suite}: at least ${floor.passed} steps to the word, ${floor.inSubstance} in substance`, async () => {
    const report = await replaySuite(suite, { quiet: true });
    const inSubstance = report.passed + report.wordingOnly;
    assert.ok(report.passed >= floor.passed, `${report.passed} steps pass, the floor is ${floor.passed}: ${failing(report.steps)}`);
    assert.ok(inSubstance >= floor.inSubstance, `${inSubstance} steps match in substance, the floor is ${floor.inSubstance}`);
  });
}

function failing(steps: readonly { readonly step: string; readonly passed: boolean }[]): string {
  return steps
    .filter((step) => !step.passed)
    .map((step) => step.step)
    .slice(0, 40)
    .join("; ");
}
