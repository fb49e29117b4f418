import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { TeamSpec } from "@holdfast/contracts/butler-api/team";
import fc from "fast-check";
import { caller, team } from "../testdata/builders.ts";
import { decideTeam } from "./team-decision.ts";

const role = fc.constantFrom("admin" as const, "operator" as const, "viewer" as const);
const people = fc.array(fc.record({ name: fc.constantFrom("ada@x", "bob@x", "eve@x"), role }), { maxLength: 3 });
const access = fc.record({ users: people }, { requiredKeys: [] });
const environment = fc.record(
  {
    name: fc.constantFrom("dev", "prod", "__proto__"),
    limits: fc.record({ maxClusters: fc.nat(2) }, { requiredKeys: [] }),
    access,
  },
  { requiredKeys: ["name"] },
);
const spec: fc.Arbitrary<TeamSpec> = fc.record(
  {
    access,
    environments: fc.uniqueArray(environment, { maxLength: 3, selector: (one) => one.name }),
    resourceLimits: fc.record({ maxClusters: fc.nat(3) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

test("an update that changes nothing is anybody's, whatever is stored", () => {
  fc.assert(
    fc.property(spec, (stored) => {
      const object = team("acme", stored);
      const facts = { caller: caller("nobody@x"), platformAdmin: false, object, oldObject: structuredClone(object) };
      assert.equal(decideTeam({ ...facts, operation: "UPDATE" }).allowed, true);
    }),
  );
});

test("nobody but an admin of the stored team changes members, and nobody of the team its hard limits", () => {
  fc.assert(
    fc.property(spec, spec, fc.constantFrom("ada@x", "bob@x", "eve@x"), (before, after, who) => {
      const facts = {
        caller: caller(who),
        platformAdmin: false,
        object: team("acme", after),
        oldObject: team("acme", before),
      };
      if (!decideTeam({ ...facts, operation: "UPDATE" }).allowed) return;
      assert.ok(jsonEqual(before.resourceLimits, after.resourceLimits));
      const isAdmin = (before.access?.users ?? []).some((user) => user.name === who && user.role === "admin");
      assert.ok(isAdmin || jsonEqual(before.access?.users ?? [], after.access?.users ?? []));
    }),
  );
});
