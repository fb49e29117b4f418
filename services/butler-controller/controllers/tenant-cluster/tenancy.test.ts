import assert from "node:assert/strict";
import { test } from "node:test";
import type { ButlerConfig } from "@holdfast/contracts/butler-api/butler-config";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { tenancyFault } from "./tenancy.ts";

const config = (mode?: string) =>
  ({ metadata: { name: "butler" }, spec: mode === undefined ? {} : { multiTenancy: { mode } } }) as ButlerConfig;
const cluster = (namespace: string, team?: string) =>
  ({
    metadata: { namespace, name: "c" },
    spec: team === undefined ? {} : { teamRef: { name: team } },
  }) as unknown as TenantCluster;
const team = (phase: string) =>
  ({ metadata: { name: "acme" }, status: { phase, namespace: "acme" } }) as unknown as Team;

const CASES: readonly (readonly [string, Parameters<typeof tenancyFault>[0], string | undefined])[] = [
  ["disabled, default namespace", { cluster: cluster("butler-tenants"), config: config(), team: undefined }, undefined],
  [
    "disabled, elsewhere",
    { cluster: cluster("acme"), config: config("Disabled"), team: undefined },
    "NamespaceMismatch",
  ],
  ["enforced, no team", { cluster: cluster("acme"), config: config("Enforced"), team: undefined }, "TeamRequired"],
  [
    "enforced, unknown team",
    { cluster: cluster("acme", "x"), config: config("Enforced"), team: undefined },
    "TeamNotFound",
  ],
  [
    "enforced, other namespace",
    { cluster: cluster("x", "acme"), config: config("Enforced"), team: team("Ready") },
    "NamespaceMismatch",
  ],
  [
    "enforced, team pending",
    { cluster: cluster("acme", "acme"), config: config("Enforced"), team: team("Pending") },
    "WaitingForDependencies",
  ],
  [
    "enforced, all well",
    { cluster: cluster("acme", "acme"), config: config("Enforced"), team: team("Ready") },
    undefined,
  ],
  [
    "optional, no team, default namespace",
    { cluster: cluster("butler-tenants"), config: config("Optional"), team: undefined },
    undefined,
  ],
  [
    "optional, no team, elsewhere",
    { cluster: cluster("acme"), config: config("Optional"), team: undefined },
    "NamespaceMismatch",
  ],
  [
    "optional, with team",
    { cluster: cluster("acme", "acme"), config: config("Optional"), team: team("Ready") },
    undefined,
  ],
  ["no configuration, no team", { cluster: cluster("acme"), config: undefined, team: undefined }, undefined],
  [
    "no configuration, unknown team",
    { cluster: cluster("acme", "x"), config: undefined, team: undefined },
    "TeamNotFound",
  ],
];

for (const [name, facts, reason] of CASES) {
  test(`tenancy: ${name}`, () => assert.equal(tenancyFault(facts)?.reason, reason));
}

test("what heals without the cluster being changed is waited for, what does not is a failure", () => {
  const enforced = config("Enforced");
  assert.equal(tenancyFault({ cluster: cluster("a", "x"), config: enforced, team: undefined })?.wait, true);
  assert.equal(tenancyFault({ cluster: cluster("a"), config: enforced, team: undefined })?.wait, false);
});
