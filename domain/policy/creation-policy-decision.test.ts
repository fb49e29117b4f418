import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ClusterCreationPolicy, PolicyRule } from "@holdfast/contracts/butler-api/cluster-creation-policy";
import type { Decision } from "../decision.ts";
import { policy, team } from "../testdata/builders.ts";
import { type CreationPolicyFacts, decideCreationPolicy } from "./creation-policy-decision.ts";

function create(object: ClusterCreationPolicy, more: Partial<CreationPolicyFacts> = {}): Decision {
  return decideCreationPolicy({ operation: "CREATE", object, policies: [], ...more });
}

function messageOf(decision: Decision): string {
  return decision.allowed ? "allowed" : decision.message;
}

describe("the scope of a ClusterCreationPolicy", () => {
  const ofTeam = policy("p", { scope: { team: { teamRef: { name: "acme" } } } });
  const ofEnvironment = policy("p", {
    scope: { teamAndEnvironment: { teamRef: { name: "acme" }, environmentName: "dev" } },
  });

  test("names a team that exists", () => {
    assert.equal(messageOf(create(ofTeam)), 'spec.scope.team.teamRef.name: Not found: "acme"');
    assert.equal(messageOf(create(ofEnvironment)), 'spec.scope.teamAndEnvironment.teamRef.name: Not found: "acme"');
    assert.equal(create(ofTeam, { team: team("acme") }).allowed, true);
  });

  test("names an environment the team has", () => {
    assert.equal(
      messageOf(create(ofEnvironment, { team: team("acme", { environments: [{ name: "prod" }] }) })),
      'spec.scope.teamAndEnvironment.environmentName: Not found: "dev"',
    );
    assert.equal(create(ofEnvironment, { team: team("acme", { environments: [{ name: "dev" }] }) }).allowed, true);
  });

  test("is not judged again while nothing changes", () => {
    assert.equal(create(ofTeam, { operation: "UPDATE", oldObject: ofTeam }).allowed, true);
  });
});

describe("the rules of a ClusterCreationPolicy", () => {
  const rows: { option: string; rule: PolicyRule; message: string }[] = [
    {
      option: "flavour",
      rule: { mode: "pin", values: ["a"] },
      message:
        'spec.options[flavour]: Unsupported value: "flavour": supported values: "image", "network", "cluster", "storageContainer"',
    },
    {
      option: "image",
      rule: { mode: "pin" },
      message: 'spec.options[image].values: Invalid value: null: mode "pin" requires exactly one value, got 0',
    },
    {
      option: "image",
      rule: { mode: "pin", values: ["a", "b"] },
      message: 'spec.options[image].values: Invalid value: ["a","b"]: mode "pin" requires exactly one value, got 2',
    },
    {
      option: "network",
      rule: { mode: "allowList" },
      message: 'spec.options[network].values: Required value: at least one value is required when mode is "allowList"',
    },
    {
      option: "cluster",
      rule: { mode: "recommended", values: [] },
      message:
        'spec.options[cluster].values: Required value: at least one value is required when mode is "recommended"',
    },
    {
      option: "image",
      rule: { mode: "default", default: "" },
      message: 'spec.options[image].default: Required value: default value is required when mode is "default"',
    },
  ];
  for (const { option, rule, message } of rows) {
    test(`${rule.mode} of ${option} with ${JSON.stringify(rule.values)} is refused`, () => {
      assert.equal(messageOf(create(policy("p", { options: { [option]: rule } }))), message);
    });
  }

  test("complete rules are allowed", () => {
    const options: Record<string, PolicyRule> = {
      image: { mode: "pin", values: ["a"] },
      network: { mode: "allowList", values: ["a", "b"] },
      cluster: { mode: "default", default: "a" },
      storageContainer: { mode: "recommended", values: ["a"], recommendedReason: "fast" },
    };
    assert.equal(create(policy("p", { options })).allowed, true);
  });
});

describe("two policies", () => {
  const image: Record<string, PolicyRule> = { image: { mode: "pin", values: ["a"] } };
  const both: Record<string, PolicyRule> = { ...image, network: { mode: "pin", values: ["n"] } };

  test("of one tier and target do not rule the same option for the same providers", () => {
    const first = policy("first", { options: both, targetProviders: ["nutanix"] });
    assert.equal(
      messageOf(create(policy("second", { options: both }), { policies: [first] })),
      'spec.options: Forbidden: conflicts with ClusterCreationPolicy "first" on option types [image network] at the same tier',
    );
    const aws = policy("second", { options: both, targetProviders: ["aws"] });
    assert.equal(create(aws, { policies: [first] }).allowed, true);
    const storage = policy("second", { options: { storageContainer: { mode: "pin", values: ["s"] } } });
    assert.equal(create(storage, { policies: [first] }).allowed, true);
  });

  test("of different tiers or targets, and a policy with itself, do not conflict", () => {
    const platform = policy("platform", { options: image });
    const acme = policy("acme", { options: image, scope: { team: { teamRef: { name: "acme" } } } });
    const blue = policy("blue", { options: image, scope: { team: { teamRef: { name: "blue" } } } });
    assert.equal(create(acme, { team: team("acme"), policies: [platform, blue, acme] }).allowed, true);
  });
});
