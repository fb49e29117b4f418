import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ClusterPlan } from "@holdfast/butler-controller/providers/cluster-provider";
import { SILENT } from "@holdfast/runtime/log/logger";
import { LocalClusters } from "./local-clusters.ts";

const PLAN = {
  uid: "0b5e8a4e-0000-4000-8000-000000000001",
  namespace: "acme",
  name: "one",
  tenantNamespace: "tenant-acme-one",
} as unknown as ClusterPlan;

async function inFolder(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), "holdfast-local-"));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return { dataDir, start: () => new LocalClusters({ dataDir, log: SILENT }) };
}

test("a cluster keeps its port over a restart of the process, and loses everything when it is removed", async (t) => {
  const { dataDir, start } = await inFolder(t);
  const first = start();
  const before = await first.ensure(PLAN);
  await first.stop();
  const second = start();
  assert.equal(second.isAnswering(PLAN.uid), false);
  const after = await second.ensure(PLAN);
  assert.equal(after.endpoint, before.endpoint);
  assert.equal(after.adminKubeconfig, before.adminKubeconfig);
  assert.equal(await second.remove(PLAN), "gone");
  await assert.rejects(readFile(join(dataDir, PLAN.uid, "port")), { code: "ENOENT" });
  await assert.rejects(readFile(second.kubeconfigOf(PLAN)), { code: "ENOENT" });
  await second.stop();
});

test("a port file that was cut short, or names no port, is no reason not to start", async (t) => {
  for (const text of ["", "38", "99999", "x"]) {
    const { dataDir, start } = await inFolder(t);
    await mkdir(join(dataDir, PLAN.uid));
    await writeFile(join(dataDir, PLAN.uid, "port"), text);
    const clusters = start();
    const { endpoint = "" } = await clusters.ensure(PLAN);
    assert.ok(Number(endpoint.split(":")[1]) >= 1024, endpoint);
    await clusters.stop();
  }
});

test("a start that fails halfway leaves the directory free for the next one", async (t) => {
  const { start } = await inFolder(t);
  const clusters = start();
  // The kubeconfig cannot be written where a folder stands.
  await mkdir(clusters.kubeconfigOf(PLAN));
  await assert.rejects(clusters.ensure(PLAN), { code: "EISDIR" });
  await rm(clusters.kubeconfigOf(PLAN), { recursive: true });
  assert.equal((await clusters.ensure(PLAN)).controlPlane.ready, true);
  await clusters.stop();
});

test("asked for at once by many, a cluster is started once; a uid that is none starts nothing", async (t) => {
  const { start } = await inFolder(t);
  const clusters = start();
  const states = await Promise.all(Array.from({ length: 5 }, () => clusters.ensure(PLAN)));
  assert.equal(new Set(states.map((state) => state.endpoint)).size, 1);
  await assert.rejects(clusters.ensure({ ...PLAN, uid: "../x" }), /is no uid of a cluster/);
  await clusters.stop();
  await assert.rejects(clusters.ensure(PLAN), /this process is ending/);
});
