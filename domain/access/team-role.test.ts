import assert from "node:assert/strict";
import { test } from "node:test";
import { caller, team } from "../testdata/builders.ts";
import { environmentRole, isTeamAdmin, strongerRole, teamRole } from "./team-role.ts";

const acme = team("acme", {
  access: {
    users: [
      { name: "Ada@x", role: "admin" },
      { name: "bob@x", role: "operator" },
      { name: "cy@x" },
      { name: "cy@x", role: "viewer" },
    ],
    groups: [
      { name: "devs", role: "operator" },
      { name: "leads", role: "admin", identityProvider: "corp" },
    ],
  },
  environments: [
    {
      name: "dev",
      access: {
        users: [
          { name: "cy@x", role: "admin" },
          { name: "stranger@x", role: "admin" },
        ],
      },
    },
    { name: "prod", access: { users: [{ name: "ada@x", role: "viewer" }] } },
  ],
});

test("teamRole() matches people by address whatever the case, and defaults to viewer", () => {
  assert.equal(teamRole(acme, caller("ADA@X")), "admin");
  assert.equal(teamRole(acme, caller("bob@x")), "operator");
  assert.equal(teamRole(acme, caller("cy@x")), "viewer");
  assert.equal(teamRole(acme, caller("dan@x")), undefined);
});

test("teamRole() matches groups exactly and takes the strongest role", () => {
  assert.equal(teamRole(acme, caller("dan@x", "devs")), "operator");
  assert.equal(teamRole(acme, caller("dan@x", "Devs")), undefined);
  assert.equal(teamRole(acme, caller("cy@x", "devs")), "operator");
});

test("closed hole: a group bound to an identity provider does not match a caller known to come from another", () => {
  assert.equal(teamRole(acme, { ...caller("dan@x", "leads"), identityProvider: "corp" }), "admin");
  assert.equal(teamRole(acme, { ...caller("dan@x", "leads"), identityProvider: "guests" }), undefined);
  assert.equal(teamRole(acme, caller("dan@x", "leads")), "admin");
});

test("isTeamAdmin() is false without a team", () => {
  assert.equal(isTeamAdmin(undefined, caller("ada@x")), false);
  assert.equal(isTeamAdmin(acme, caller("ada@x")), true);
  assert.equal(isTeamAdmin(acme, caller("bob@x")), false);
});

test("environmentRole() adds to the team role, never takes away, and lets no stranger in", () => {
  assert.equal(environmentRole(acme, "dev", caller("cy@x")), "admin");
  assert.equal(environmentRole(acme, "prod", caller("ada@x")), "admin");
  assert.equal(environmentRole(acme, "nowhere", caller("bob@x")), "operator");
  assert.equal(environmentRole(acme, "dev", caller("stranger@x")), undefined);
});

test("strongerRole() takes the stronger of two", () => {
  assert.equal(strongerRole("viewer", "operator"), "operator");
  assert.equal(strongerRole("admin", "operator"), "admin");
  assert.equal(strongerRole(undefined, "viewer"), "viewer");
  assert.equal(strongerRole("viewer", undefined), "viewer");
});
