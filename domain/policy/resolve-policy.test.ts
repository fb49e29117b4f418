import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PolicyRule } from "@holdfast/contracts/butler-api/cluster-creation-policy";
import type { TenantClusterSpec } from "@holdfast/contracts/butler-api/tenant-cluster";
import { decideTenantCluster } from "../quota/tenant-cluster-decision.ts";
import { caller, cluster, policy, provider, team } from "../testdata/builders.ts";
import { policyFindings, resolvePolicies } from "./resolve-policy.ts";

const pin = (value: string): PolicyRule => ({ mode: "pin", values: [value] });
const ofTeam = { team: { teamRef: { name: "acme" } } };
const ofDev = { teamAndEnvironment: { teamRef: { name: "acme" }, environmentName: "dev" } };
const context = { team: "acme", environment: "dev", provider: "nutanix" } as const;

describe("resolvePolicies()", () => {
  test("takes for every option the most specific policy, alone", () => {
    const policies = [
      policy("platform", { options: { image: pin("p"), network: pin("p"), cluster: pin("p") } }),
      policy("team", { scope: ofTeam, options: { image: pin("t"), network: pin("t") } }),
      policy("env", { scope: ofDev, options: { image: pin("e") } }),
    ];
    assert.deepEqual(
      resolvePolicies(policies, context).map(({ option, policy: name }) => [option, name]),
      [
        ["image", "env"],
        ["network", "team"],
        ["cluster", "platform"],
      ],
    );
    assert.deepEqual(
      resolvePolicies(policies, { ...context, environment: "prod" }).map((rule) => rule.policy),
      ["team", "team", "platform"],
    );
    assert.deepEqual(
      resolvePolicies(policies, { ...context, team: "blue" }).map((rule) => rule.policy),
      ["platform", "platform", "platform"],
    );
  });

  test("leaves out policies for other providers", () => {
    const policies = [policy("p", { targetProviders: ["aws"], options: { image: pin("a") } })];
    assert.deepEqual(resolvePolicies(policies, context), []);
    assert.equal(resolvePolicies(policies, { ...context, provider: "aws" }).length, 1);
  });

  test("tells contradicting policies of one tier apart by name", () => {
    const policies = [policy("b", { options: { image: pin("b") } }), policy("a", { options: { image: pin("a") } })];
    assert.deepEqual(
      resolvePolicies(policies, context).map((rule) => rule.policy),
      ["a"],
    );
  });
});

describe("policyFindings()", () => {
  const nutanix = (override: NonNullable<NonNullable<TenantClusterSpec["infrastructureOverride"]>["nutanix"]>) =>
    cluster("c", { spec: { infrastructureOverride: { nutanix: override } } });
  const rules = resolvePolicies(
    [
      policy("std", {
        options: {
          image: pin("a"),
          network: { mode: "allowList", values: ["x", "y"] },
          cluster: { mode: "recommended", values: ["q"] },
        },
      }),
    ],
    context,
  );
  const texts = (object: ReturnType<typeof cluster>, old?: ReturnType<typeof cluster>) =>
    policyFindings(rules, "nutanix", object, old).map(({ error }) => `${error.field}: ${error.detail}`);

  test("enforce pins and allow-lists, and nothing else", () => {
    assert.deepEqual(texts(nutanix({ imageUUID: "b", subnetUUID: "z", clusterUUID: "other" })), [
      'spec.infrastructureOverride.nutanix.imageUUID: ClusterCreationPolicy "std" pins image to [a]; got "b"',
      'spec.infrastructureOverride.nutanix.subnetUUID: ClusterCreationPolicy "std" allow-lists network to [x y]; got "z"',
    ]);
    assert.deepEqual(texts(nutanix({ imageUUID: "a", subnetUUID: "y" })), []);
    assert.deepEqual(texts(cluster("c")), []);
  });

  test("judge only what an update changes", () => {
    assert.deepEqual(texts(nutanix({ imageUUID: "b" }), nutanix({ imageUUID: "b" })), []);
    assert.equal(texts(nutanix({ imageUUID: "c" }), nutanix({ imageUUID: "b" })).length, 1);
  });

  test("know the fields of Harvester, and none of other providers", () => {
    const object = cluster("c", {
      spec: { infrastructureOverride: { harvester: { imageName: "b" }, proxmox: { node: "n" } } },
    });
    assert.deepEqual(
      policyFindings(rules, "harvester", object, undefined).map(({ error }) => error.field),
      ["spec.infrastructureOverride.harvester.imageName"],
    );
    assert.deepEqual(policyFindings(rules, "proxmox", object, undefined), []);
  });

  test("reach the admission of a cluster as field errors, also for one without teamRef in the team's namespace", () => {
    const { teamRef: _, ...spec } = nutanix({ imageUUID: "b" }).spec as TenantClusterSpec;
    const object = { ...cluster("c"), spec: { ...spec, providerConfigRef: { name: "p" } } };
    const decision = decideTenantCluster({
      operation: "CREATE",
      caller: caller("ada@x"),
      platformAdmin: false,
      object,
      team: team("acme"),
      clusters: [],
      providerConfig: provider("p", { provider: "nutanix" }),
      policies: [policy("std", { scope: ofTeam, options: { image: pin("a") } })],
    });
    assert.equal(
      decision.allowed ? "" : decision.message,
      'spec.infrastructureOverride.nutanix.imageUUID: Forbidden: ClusterCreationPolicy "std" pins image to [a]; got "b"',
    );
  });
});
