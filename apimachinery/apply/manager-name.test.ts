import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { managerFromUserAgent } from "./manager-name.ts";

describe("managerFromUserAgent()", () => {
  const cases: [userAgent: string, name: string][] = [
    ["kubectl/v1.32.4 (linux/amd64) kubernetes/59526cd", "kubectl"],
    ["gardener", "gardener"],
    ["", ""],
    ["/x", ""],
    ["my agent/1", "my agent"],
    ["a\u0000b\u200b\n\u00a0c/1", "abc"],
    ["x".repeat(200), "x".repeat(128)],
    [`${"x".repeat(127)}é`, "x".repeat(127)],
    ["日本/2", "日本"],
  ];
  for (const [userAgent, name] of cases) {
    it(`names ${JSON.stringify(userAgent.slice(0, 40))} ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.equal(managerFromUserAgent(userAgent), name);
    });
  }
});
