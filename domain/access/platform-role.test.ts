import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { IdentityProvider } from "@holdfast/contracts/butler-api/identity-provider";
import { caller, user } from "../testdata/builders.ts";
import { sameEmail } from "./caller.ts";
import { accessReviewOf, isPlatformAdmin, needsAccessReview, platformRole } from "./platform-role.ts";

function identityProvider(name: string, group: string, role: "admin" | "viewer"): IdentityProvider {
  return {
    apiVersion: "butler.butlerlabs.dev/v1alpha1",
    kind: "IdentityProvider",
    metadata: { name },
    spec: { type: "oidc", platformRoleGroups: [{ name: group, role }] },
  };
}

const nobody = { users: [], identityProviders: [] };

describe("platformRole()", () => {
  test("a User with isPlatformAdmin is admin, whatever the case of the address", () => {
    const users = [user("Ada@Example.EU", { isPlatformAdmin: true })];
    assert.deepEqual(platformRole({ ...nobody, caller: caller("ada@example.eu"), users }), {
      role: "admin",
      source: "user",
    });
  });

  test("closed hole: platformRole admin counts like isPlatformAdmin", () => {
    const users = [user("ada@example.eu", { platformRole: "admin" })];
    assert.equal(isPlatformAdmin({ ...nobody, caller: caller("ada@example.eu"), users }), true);
  });

  test("platformRole viewer is viewer, the empty one none", () => {
    const role = (platform: "viewer" | "") =>
      platformRole({ ...nobody, caller: caller("v@x"), users: [user("v@x", { platformRole: platform })] }).role;
    assert.equal(role("viewer"), "viewer");
    assert.equal(role(""), "none");
  });

  test("closed hole: groups an IdentityProvider maps to platform roles count", () => {
    const facts = {
      caller: caller("ada@example.eu", "ops"),
      users: [user("ada@example.eu")],
      identityProviders: [identityProvider("corp", "ops", "admin")],
    };
    assert.deepEqual(platformRole(facts), { role: "admin", source: "identity-provider" });
    const elsewhere = { ...facts, caller: { ...facts.caller, identityProvider: "other" } };
    assert.deepEqual(platformRole(elsewhere), { role: "none", source: "none" });
    assert.equal(platformRole({ ...facts, caller: caller("ada@example.eu", "OPS") }).role, "none");
  });

  test("a mapping of system:authenticated or of the server's own group makes nobody an admin", () => {
    for (const group of ["system:authenticated", "butler-api-users"]) {
      const facts = {
        caller: caller("eve@x", group),
        users: [user("eve@x")],
        identityProviders: [identityProvider("corp", group, "admin")],
      };
      assert.equal(platformRole(facts).role, "none");
    }
  });

  test("a User who is no admin is none, even where the access review would say yes", () => {
    const facts = { ...nobody, caller: caller("ada@x"), users: [user("ada@x")], accessReviewAllowed: true };
    assert.deepEqual(platformRole(facts), { role: "none", source: "none" });
    assert.equal(needsAccessReview(facts), false);
  });

  test("closed hole: a disabled admin is nobody, groups or not", () => {
    const facts = {
      caller: caller("ada@x", "ops"),
      users: [user("ada@x", { isPlatformAdmin: true, disabled: true })],
      identityProviders: [identityProvider("corp", "ops", "admin")],
      accessReviewAllowed: true,
    };
    assert.equal(platformRole(facts).role, "none");
  });

  test("two Users of one address: the weaker decides", () => {
    const users = [user("ada@x", { isPlatformAdmin: true }), user("ADA@x", { platformRole: "viewer" })];
    assert.equal(platformRole({ ...nobody, caller: caller("ada@x"), users }).role, "viewer");
  });

  test("without a User object the access review decides", () => {
    const facts = { ...nobody, caller: caller("system:serviceaccount:flux-system:kustomize-controller") };
    assert.equal(needsAccessReview(facts), true);
    assert.deepEqual(platformRole({ ...facts, accessReviewAllowed: true }), { role: "admin", source: "access-review" });
    assert.deepEqual(platformRole({ ...facts, accessReviewAllowed: false }), { role: "none", source: "none" });
    assert.deepEqual(platformRole(facts), { role: "none", source: "none" });
  });

  test("closed hole: an impersonated person without a User object is no admin by the server's group", () => {
    assert.deepEqual(accessReviewOf(caller("eve@x", "butler-api-users", "system:authenticated")), {
      user: "eve@x",
      groups: ["system:authenticated"],
      verb: "update",
      group: "butler.butlerlabs.dev",
      resource: "teams",
    });
  });
});

describe("sameEmail()", () => {
  test("folds case inside of ASCII and inside of other scripts", () => {
    assert.equal(sameEmail("Ada@X.EU", "ada@x.eu"), true);
    assert.equal(sameEmail("ÉLISE@x", "élise@x"), true);
    assert.equal(sameEmail("ada@x", "adam@x"), false);
  });

  test("hostile: a Kelvin sign is no k and a dotted capital I no i", () => {
    assert.equal(sameEmail("\u212Aate@x", "kate@x"), false);
    assert.equal(sameEmail("\u0130da@x", "i\u0307da@x"), false);
  });
});
