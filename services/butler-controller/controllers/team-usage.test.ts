import assert from "node:assert/strict";
import { test } from "node:test";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { accountOf } from "@holdfast/domain/quota/account";
import { teamUsage } from "./team-usage.ts";

const team = (resourceLimits?: Record<string, unknown>) =>
  ({ metadata: { name: "acme" }, spec: resourceLimits === undefined ? {} : { resourceLimits } }) as unknown as Team;
const account = (replicas: number) =>
  accountOf({
    metadata: { namespace: "acme", name: `c${replicas}` },
    spec: { workers: { replicas, machineTemplate: { cpu: 2, memory: "8Gi", diskSize: "50Gi" } } },
  } as unknown as TenantCluster);

test("a team without limits has usage and no shares", () => {
  assert.deepEqual(teamUsage(team(), [account(1), account(2)]), {
    resourceUsage: { clusters: 2, totalNodes: 3, totalCPU: "6", totalMemory: "24Gi", totalStorage: "150Gi" },
    quotaStatus: "OK",
    quotaMessage: "",
  });
});

test("from 80 percent of a limit on a team is warned, and a full one is not over", () => {
  const usage = teamUsage(team({ maxClusters: 2, maxTotalNodes: 4, maxMemory: "25Gi" }), [account(1), account(2)]);
  assert.equal(usage.quotaStatus, "Warning");
  assert.equal(usage.quotaMessage, "clusters 2 of 2, memory 24Gi of 25Gi");
  assert.deepEqual(
    [
      usage.resourceUsage.clusterUtilization,
      usage.resourceUsage.nodeUtilization,
      usage.resourceUsage.memoryUtilization,
    ],
    [100, 75, 96],
  );
});

test("a limit lowered under what is used is exceeded, and the share stays within the schema's 100", () => {
  const usage = teamUsage(team({ maxTotalNodes: 1, maxStorage: "100Gi" }), [account(3)]);
  assert.equal(usage.quotaStatus, "Exceeded");
  assert.equal(usage.quotaMessage, "Over the limit: worker nodes 3 of 1, storage 150Gi of 100Gi");
  assert.equal(usage.resourceUsage.nodeUtilization, 100);
});

test("a limit of 0 is a limit: nothing is allowed, and an empty team is within it", () => {
  assert.equal(teamUsage(team({ maxClusters: 0 }), []).quotaStatus, "Warning");
  assert.equal(teamUsage(team({ maxClusters: 0 }), [account(1)]).quotaStatus, "Exceeded");
});
