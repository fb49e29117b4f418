import assert from "node:assert/strict";
import { test } from "node:test";
import type { TeamResourceLimits } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import fc from "fast-check";
import { caller, cluster, policy, provider, team } from "../testdata/builders.ts";
import { decideTenantCluster } from "./tenant-cluster-decision.ts";

const limits: fc.Arbitrary<TeamResourceLimits> = fc.record(
  {
    maxClusters: fc.nat(3),
    maxTotalNodes: fc.nat(6),
    maxNodesPerCluster: fc.nat(4),
    maxCPUCores: fc.nat(30),
    maxMemory: fc.constantFrom("0", "16Gi", "64G"),
    maxStorage: fc.constantFrom("100Gi", "1Ti"),
  },
  { requiredKeys: [] },
);

const environmentName = fc.constantFrom("dev", "prod", "gone", undefined);
const memory = fc.constantFrom("8Gi", "16Gi", "32Gi", "-1Gi", "1e1.5", 1);

function clusters(name: string): fc.Arbitrary<TenantCluster> {
  return fc
    .record({
      replicas: fc.nat(5),
      environment: environmentName,
      memory,
      cpu: fc.nat(8),
      teamName: fc.constantFrom("acme", "blue"),
    })
    .map(({ replicas, environment, memory: size, cpu, teamName }) =>
      cluster(name, {
        replicas,
        node: { cpu, memory: size },
        spec: { teamRef: { name: teamName }, providerConfigRef: { name: "p" } },
        ...(environment === undefined ? {} : { environment }),
      }),
    );
}

const world = fc.record({
  limits,
  others: fc.tuple(clusters("a"), clusters("b")),
  object: clusters("c"),
  environmentLimit: fc.nat(2),
  perMember: fc.nat(1),
  providerThere: fc.boolean(),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function factsOf(at: World, object: TenantCluster, before: TenantCluster | undefined) {
  const teamName = object.spec?.teamRef?.name ?? "";
  const environments = [
    { name: "dev", limits: { maxClusters: at.environmentLimit, maxClustersPerMember: at.perMember } },
    { name: "prod" },
  ];
  return {
    operation: before === undefined ? ("CREATE" as const) : ("UPDATE" as const),
    caller: caller("ada@x"),
    platformAdmin: false,
    object,
    ...(before === undefined ? {} : { oldObject: before }),
    team: team(teamName, { resourceLimits: at.limits, environments }),
    clusters: before === undefined ? at.others : [...at.others, before],
    ...(at.providerThere
      ? { providerConfig: provider("p", { limits: { maxClustersPerTeam: 1, maxNodesPerTeam: 2 } }) }
      : {}),
    policies: [policy("pins", { options: { image: { mode: "pin", values: ["x"] } } })],
  };
}

test("an update that changes nothing is allowed, however far over every limit the team is", () => {
  fc.assert(
    fc.property(world, (at) => {
      const decision = decideTenantCluster(factsOf(at, at.object, at.object));
      assert.equal(decision.allowed, true, decision.allowed ? "" : decision.message);
    }),
  );
});

test("an update that only shrinks is allowed", () => {
  fc.assert(
    fc.property(world, fc.nat(5), (at, less) => {
      const after = structuredClone(at.object);
      const workers = after.spec?.workers;
      if (workers !== undefined) workers.replicas = Math.max(0, workers.replicas - less);
      assert.equal(decideTenantCluster(factsOf(at, after, at.object)).allowed, true);
    }),
  );
});

test("what is created within the team's limits stays within them", () => {
  fc.assert(
    fc.property(world, (at) => {
      if (!decideTenantCluster(factsOf(at, at.object, undefined)).allowed) return;
      const teamName = at.object.spec?.teamRef?.name;
      const all = [...at.others, at.object].filter((one) => one.spec?.teamRef?.name === teamName);
      assert.ok(all.length <= (at.limits.maxClusters ?? Number.POSITIVE_INFINITY));
      const nodes = all.reduce((sum, one) => sum + (one.spec?.workers.replicas ?? 0), 0);
      const grows = (at.object.spec?.workers.replicas ?? 0) > 0;
      assert.ok(!grows || nodes <= (at.limits.maxTotalNodes ?? Number.POSITIVE_INFINITY));
    }),
  );
});
