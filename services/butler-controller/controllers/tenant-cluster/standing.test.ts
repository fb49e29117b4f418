import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { standingVerdicts } from "./standing.ts";

const cluster = (name: string, second: number, extra: { owner?: string; environment?: string; nodes?: number } = {}) =>
  ({
    metadata: {
      namespace: "acme",
      name,
      uid: `uid-${name}`,
      creationTimestamp: `2026-01-01T00:00:0${second}Z`,
      labels: extra.environment === undefined ? {} : { "butler.butlerlabs.dev/environment": extra.environment },
      annotations: extra.owner === undefined ? {} : { "butler.butlerlabs.dev/owner": extra.owner },
    },
    spec: { teamRef: { name: "acme" }, workers: { replicas: extra.nodes ?? 1 } },
  }) as unknown as TenantCluster;
const team = (spec: Record<string, unknown>) => ({ metadata: { name: "acme" }, spec }) as unknown as Team;
const provider = (spec: Record<string, unknown> = {}) =>
  ({ metadata: { name: "p" }, spec: { provider: "local", ...spec } }) as unknown as ProviderConfig;

function standing(
  of: TenantCluster,
  all: readonly TenantCluster[],
  limits: Record<string, unknown>,
  config = provider(),
) {
  const [access, quota] = standingVerdicts({ cluster: of, team: team(limits), providerConfig: config, clusters: all });
  return { access, quota };
}

test("of two clusters that do not both fit, the later one is over", () => {
  const [first, second] = [cluster("z", 1), cluster("a", 2)];
  const limits = { resourceLimits: { maxClusters: 1 } };
  assert.equal(standing(first, [first, second], limits).quota.status, "True");
  const over = standing(second, [first, second], limits).quota;
  assert.deepEqual([over.status, over.reason], ["False", "QuotaExceeded"]);
  assert.equal(over.message, 'team "acme" already has 1 cluster(s); team quota limits to 1');
});

test("clusters of the same second are told apart by uid, and exactly one is over", () => {
  const pair = [cluster("b", 1), cluster("a", 1)];
  const over = pair.map((one) => standing(one, pair, { resourceLimits: { maxClusters: 1 } }).quota.status);
  assert.deepEqual(over, ["False", "True"]);
});

test("a full environment and a member's cap have reasons of their own; an environment's 0 is no cap", () => {
  const limits = (of: Record<string, number>) => ({ environments: [{ name: "dev", limits: of }] });
  const [first, second] = [
    cluster("a", 1, { environment: "dev", owner: "ann@example.com" }),
    cluster("b", 2, { environment: "dev", owner: "ann@example.com" }),
  ];
  const reason = (of: Record<string, number>) => standing(second, [first, second], limits(of)).quota.reason;
  assert.equal(reason({ maxClusters: 1 }), "EnvQuotaExceeded");
  assert.equal(reason({ maxClustersPerMember: 1 }), "PerMemberCapExceeded");
  assert.equal(reason({ maxClusters: 0, maxClustersPerMember: 0 }), "Ready");
});

test("a provider of another team denies access, its limits count as quota", () => {
  const one = cluster("a", 1, { nodes: 3 });
  const foreign = provider({ scope: { type: "team", teamRef: { name: "other" } } });
  assert.equal(standing(one, [one], {}, foreign).access.reason, "ProviderAccessDenied");
  const small = standing(one, [one], {}, provider({ limits: { maxNodesPerTeam: 2 } })).quota;
  assert.equal(small.message, 'total worker replicas (3) would exceed ProviderConfig "p" per-team node limit (2)');
});
