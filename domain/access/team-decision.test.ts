import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Team, TeamSpec } from "@holdfast/contracts/butler-api/team";
import { caller, team } from "../testdata/builders.ts";
import { decideTeam, isForeignNamespace, type TeamFacts } from "./team-decision.ts";

const ADMIN = { name: "ada@x", role: "admin" } as const;

function create(spec: TeamSpec, more: Partial<TeamFacts> = {}) {
  return decideTeam({
    operation: "CREATE",
    caller: caller("eve@x"),
    platformAdmin: false,
    object: team("acme", spec),
    ...more,
  });
}

function update(before: TeamSpec, after: TeamSpec, more: Partial<TeamFacts> = {}) {
  return decideTeam({
    operation: "UPDATE",
    caller: caller("eve@x"),
    platformAdmin: false,
    object: team("acme", after),
    oldObject: team("acme", before),
    ...more,
  });
}

function messageOf(decision: ReturnType<typeof decideTeam>): string {
  return decision.allowed ? "allowed" : decision.message;
}

describe("creation of a Team", () => {
  test("resource limits are set by platform admins only", () => {
    const decision = create({ resourceLimits: {} });
    assert.deepEqual(decision, {
      allowed: false,
      code: "TEAM_LIMITS_PLATFORM_ONLY",
      message: 'spec.resourceLimits may only be set by platform admins; user "eve@x" is not a platform admin',
      field: "spec.resourceLimits",
      causes: [],
      warnings: [],
    });
    assert.equal(create({ resourceLimits: { maxClusters: 1 } }, { platformAdmin: true }).allowed, true);
  });

  test("limits of the first limited environment are set by platform admins only", () => {
    const spec = { environments: [{ name: "a" }, { name: "b", limits: {} }, { name: "c", limits: {} }] };
    assert.equal(
      messageOf(create(spec)),
      'spec.environments[1].limits on a new team may only be set by platform admins; user "eve@x" is not a platform admin',
    );
    assert.equal(create(spec, { platformAdmin: true }).allowed, true);
  });

  test("a plain team is anybody's to create", () => {
    assert.deepEqual(create({ access: { users: [ADMIN] }, environments: [{ name: "dev" }] }), {
      allowed: true,
      warnings: [],
      mutate: [],
    });
  });

  test("closed hole: a Team cannot adopt an existing namespace", () => {
    const decision = decideTeam({
      operation: "CREATE",
      caller: caller("root@x"),
      platformAdmin: true,
      object: team("kube-system"),
      namespaceExistsForeign: true,
    });
    assert.equal(decision.allowed, false);
    assert.equal(
      messageOf(decision),
      'namespace "kube-system" already exists and does not belong to a team; Team "kube-system" would take it over with everything in it, choose another name',
    );
  });

  test("a namespace the controller made for the team before is no obstacle", () => {
    assert.equal(isForeignNamespace(undefined, "acme"), false);
    assert.equal(isForeignNamespace({ labels: { "butler.butlerlabs.dev/team": "acme" } }, "acme"), false);
    assert.equal(isForeignNamespace({ labels: { "butler.butlerlabs.dev/team": "other" } }, "acme"), true);
    assert.equal(isForeignNamespace({}, "acme"), true);
  });
});

describe("change of a Team", () => {
  test("resource limits are modified by platform admins only, not by the team's own", () => {
    const before = { access: { users: [ADMIN] }, resourceLimits: { maxClusters: 2 } };
    const after = { access: { users: [ADMIN] }, resourceLimits: { maxClusters: 9 } };
    assert.equal(
      messageOf(update(before, after, { caller: caller("ada@x") })),
      'spec.resourceLimits may only be modified by platform admins; user "ada@x" is not a platform admin',
    );
    assert.equal(update(before, after, { platformAdmin: true }).allowed, true);
    assert.equal(update(before, { access: { users: [ADMIN] } }, { caller: caller("ada@x") }).allowed, false);
  });

  test("environment limits are modified by team admins or platform admins", () => {
    const members = [ADMIN, { name: "op@x", role: "operator" } as const];
    const before: TeamSpec = {
      access: { users: members },
      environments: [{ name: "dev", limits: { maxClusters: 1 } }],
    };
    const after: TeamSpec = { access: { users: members }, environments: [{ name: "dev", limits: { maxClusters: 5 } }] };
    assert.equal(update(before, after, { caller: caller("ADA@x") }).allowed, true);
    assert.equal(update(before, after, { platformAdmin: true }).allowed, true);
    assert.equal(
      messageOf(update(before, after, { caller: caller("op@x") })),
      'spec.environments[].limits may only be modified by team admins of "acme" or platform admins; user "op@x" is neither',
    );
  });

  const limited = { name: "dev", limits: { maxClusters: 1 } };
  const rows: { name: string; before: TeamSpec; after: TeamSpec; allowed: boolean }[] = [
    { name: "adding an environment with limits", before: {}, after: { environments: [limited] }, allowed: false },
    {
      name: "adding one with empty limits",
      before: {},
      after: { environments: [{ name: "dev", limits: {} }] },
      allowed: false,
    },
    { name: "removing one that had limits", before: { environments: [limited] }, after: {}, allowed: false },
    {
      name: "dropping the limits",
      before: { environments: [limited] },
      after: { environments: [{ name: "dev" }] },
      allowed: false,
    },
    { name: "adding one without limits", before: {}, after: { environments: [{ name: "dev" }] }, allowed: true },
    { name: "removing one without limits", before: { environments: [{ name: "dev" }] }, after: {}, allowed: true },
    {
      name: "changing a description",
      before: { environments: [limited] },
      after: { environments: [{ ...limited, description: "d" }] },
      allowed: true,
    },
    {
      name: "changing the order",
      before: { environments: [limited, { name: "b" }] },
      after: { environments: [{ name: "b" }, limited] },
      allowed: true,
    },
    { name: "changing the display name", before: {}, after: { displayName: "Acme" }, allowed: true },
  ];
  for (const row of rows) {
    test(`${row.name} is ${row.allowed ? "everybody's" : "an admin's"} to do`, () => {
      assert.equal(update(row.before, row.after).allowed, row.allowed);
    });
  }

  test("closed hole: an update cannot promote its own sender, the OLD object decides who is an admin", () => {
    const before: TeamSpec = { access: { users: [ADMIN, { name: "eve@x", role: "viewer" }] }, environments: [limited] };
    const after: TeamSpec = {
      access: { users: [ADMIN, { name: "eve@x", role: "admin" }] },
      environments: [{ name: "dev", limits: { maxClusters: 9 } }],
    };
    assert.equal(update(before, after).allowed, false);
  });

  test("closed hole: membership is changed by team admins and platform admins only", () => {
    const before: TeamSpec = { access: { users: [ADMIN] } };
    const after: TeamSpec = { access: { users: [ADMIN, { name: "eve@x", role: "admin" }] } };
    assert.equal(
      messageOf(update(before, after)),
      'spec.access may only be modified by team admins of "acme" or platform admins; user "eve@x" is neither',
    );
    assert.equal(update(before, after, { caller: caller("ada@x") }).allowed, true);
    assert.equal(update(before, after, { platformAdmin: true }).allowed, true);
  });

  test("closed hole: environment access is changed by team admins and platform admins only", () => {
    const access = { users: [ADMIN, { name: "eve@x" }] };
    const before: TeamSpec = { access, environments: [{ name: "dev" }] };
    const after: TeamSpec = {
      access,
      environments: [{ name: "dev", access: { users: [{ name: "eve@x", role: "admin" }] } }],
    };
    assert.equal(
      messageOf(update(before, after)),
      'spec.environments[].access may only be modified by team admins of "acme" or platform admins; user "eve@x" is neither',
    );
    assert.equal(update(before, after, { caller: caller("ada@x") }).allowed, true);
  });

  test("spelling out a default role or an empty list changes no membership", () => {
    const before: TeamSpec = { access: { users: [{ name: "a@x" }] }, environments: [{ name: "dev" }] };
    const after: TeamSpec = {
      access: { users: [{ name: "a@x", role: "viewer" }], groups: [] },
      environments: [{ name: "dev", access: {} }],
    };
    assert.equal(update(before, after).allowed, true);
  });
});

describe("environment access", () => {
  test("names nobody who is not in spec.access.users, whatever the case", () => {
    const environments = [{ name: "dev", access: { users: [{ name: "ADA@x" }, { name: "u@x" }] } }];
    assert.equal(
      messageOf(create({ access: { users: [ADMIN] }, environments })),
      'spec.environments[0].access.users["u@x"] is not a team member; env access is additive only and cannot introduce subjects absent from spec.access.users',
    );
  });

  test("names no group that is not in spec.access.groups, exactly", () => {
    const environments = [{ name: "a" }, { name: "dev", access: { groups: [{ name: "devs" }, { name: "Devs" }] } }];
    assert.equal(
      messageOf(create({ access: { groups: [{ name: "devs" }] }, environments }, { platformAdmin: true })),
      'spec.environments[1].access.groups["Devs"] is not a team group; env access is additive only and cannot introduce groups absent from spec.access.groups',
    );
  });

  test("what was stored before the rule does not keep other fields from changing", () => {
    const stale: TeamSpec = { environments: [{ name: "dev", access: { users: [{ name: "gone@x" }] } }] };
    assert.equal(update(stale, { ...stale, displayName: "Acme" }).allowed, true);
    assert.equal(update(stale, { ...stale, access: { users: [ADMIN] } }, { platformAdmin: true }).allowed, false);
  });
});

describe("warnings", () => {
  const warningsOf = (decision: ReturnType<typeof decideTeam>) => (decision.allowed ? decision.warnings : []);

  test("closed hole: a limit of 0 is told what it means, in each of its places", () => {
    const spec: TeamSpec = {
      resourceLimits: { maxClusters: 0, maxMemory: "0" },
      environments: [{ name: "dev", limits: { maxClusters: 0 } }],
    };
    assert.deepEqual(warningsOf(create(spec, { platformAdmin: true })), [
      "spec.resourceLimits.maxClusters is 0 and allows none; leave it out for no limit",
      "spec.resourceLimits.maxMemory is 0 and does not limit; set maxClusters to 0 to allow none",
      'spec.environments["dev"].limits.maxClusters is 0 and means no limit of the environment; the limits of the team still apply',
    ]);
    assert.deepEqual(warningsOf(update(spec, { ...spec, displayName: "d" })), []);
  });

  test("an environment that is removed while clusters carry its label, and the last admin who goes, are told", () => {
    const before: TeamSpec = { access: { users: [ADMIN] }, environments: [{ name: "dev" }, { name: "prod" }] };
    const after: TeamSpec = { environments: [{ name: "prod" }] };
    const clustersByEnvironment = new Map([["dev", 2]]);
    assert.deepEqual(warningsOf(update(before, after, { platformAdmin: true, clustersByEnvironment })), [
      'environment "dev" is removed while 2 cluster(s) carry its label; they keep the label and no environment limit applies to them',
      'team "acme" has no admin any more; only platform admins can change it',
    ]);
  });
});

test("hostile: environments named __proto__ and constructor are names like any other", () => {
  const names = ["__proto__", "constructor"];
  const before: TeamSpec = { environments: names.map((name) => ({ name, limits: { maxClusters: 1 } })) };
  const after: TeamSpec = { environments: names.map((name) => ({ name, limits: { maxClusters: 2 } })) };
  assert.equal(update(before, before).allowed, true);
  assert.equal(update(before, after).allowed, false);
});

test("a Team without a spec can be created and changed", () => {
  const bare = { apiVersion: "butler.butlerlabs.dev/v1alpha1", kind: "Team", metadata: { name: "a" } } as Team;
  const facts = { caller: caller("a@x"), platformAdmin: false, object: bare } as const;
  assert.equal(decideTeam({ ...facts, operation: "CREATE" }).allowed, true);
  assert.equal(decideTeam({ ...facts, operation: "UPDATE", oldObject: bare }).allowed, true);
});
