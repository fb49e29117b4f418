import assert from "node:assert/strict";
import { test } from "node:test";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { decideObstacle, readyIntervalMs } from "./decide.ts";
import type { Surroundings } from "./gather.ts";

const cluster = (extra: Record<string, unknown> = {}) =>
  ({
    metadata: { namespace: "acme", name: "c", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { workers: { replicas: 1 } },
    ...extra,
  }) as unknown as TenantCluster;
const around = (extra: Partial<Record<keyof Surroundings, unknown>> = {}) =>
  ({
    providerRef: { namespace: "sys", name: "p" },
    providerConfig: { metadata: { name: "p" }, spec: { provider: "local", limits: { maxNodesPerTeam: 5 } } },
    clusters: [],
    ...extra,
  }) as unknown as Surroundings;

test("nothing stands in the way of a cluster whose surroundings are as they should be", () => {
  const { obstacle, verdicts } = decideObstacle(cluster(), around(), true);
  assert.equal(obstacle, undefined);
  assert.deepEqual(
    verdicts.map((verdict) => [verdict.type, verdict.status]),
    [
      ["ProviderAccessGranted", "True"],
      ["QuotaSatisfied", "True"],
    ],
  );
});

test("a provider that is not there is waited for, one of a kind nobody can serve is a failure", () => {
  assert.deepEqual(decideObstacle(cluster(), around({ providerConfig: undefined }), false).obstacle, {
    phase: "Pending",
    reason: "ProviderConfigNotFound",
    message: 'ProviderConfig "sys/p" does not exist; create it, or set spec.providerConfigRef to one that does',
  });
  assert.deepEqual(decideObstacle(cluster(), around(), false).obstacle, {
    phase: "Failed",
    reason: "InvalidConfiguration",
    message: 'this controller cannot make clusters at providers of kind "local"',
  });
});

test("a limit holds a new cluster up, and only is told of one that was Ready", () => {
  const large = { spec: { workers: { replicas: 6 } } };
  const fresh = decideObstacle(cluster(large), around(), true);
  assert.deepEqual([fresh.obstacle?.phase, fresh.obstacle?.reason], ["Pending", "QuotaExceeded"]);
  const ready = decideObstacle(cluster({ ...large, status: { phase: "Ready" } }), around(), true);
  assert.equal(ready.obstacle, undefined);
  assert.equal(ready.verdicts[1]?.status, "False");
});

test("a Ready cluster is looked at each minute, after an hour every five, after a day every fifteen", () => {
  const born = Date.parse("2026-01-01T00:00:00Z");
  const after = (ms: number) => readyIntervalMs(cluster(), born + ms) / 60_000;
  assert.deepEqual([after(0), after(3_599_999), after(3_600_000), after(86_400_000)], [1, 1, 5, 15]);
});
