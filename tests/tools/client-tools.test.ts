import assert from "node:assert/strict";
import { test } from "node:test";
import { tool } from "./client-tools.ts";
import { runClient } from "./run-client.ts";
import { zipEntry } from "./zip-entry.ts";

test("kubectl 1.32 and Helm 4.1 are fetched, match their digests and start", async () => {
  assert.match((await runClient(tool("kubectl-1.32"), ["version", "--client"])).stdout, /Client Version: v1\.32\.3/);
  assert.match((await runClient(tool("helm-4.1"), ["version", "--short"])).stdout, /^v4\.1\.4/);
});

test("what is no ZIP archive is refused", () => {
  assert.throws(() => zipEntry(Buffer.from("no archive at all, but long enough to hold one"), "a"), /no ZIP archive/);
});
