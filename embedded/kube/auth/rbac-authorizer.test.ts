import assert from "node:assert/strict";
import { test } from "node:test";
import { BUCKETS, group, openMemoryKube, roleRef, user } from "./testkit/memory-kube.ts";
import type { Attributes } from "./user.ts";

function asks(username: string, verb: string, resource: string, more: Partial<Attributes> = {}): Attributes {
  const [plural = "", subresource = ""] = resource.split("/");
  return {
    user: { username, groups: ["system:authenticated"] },
    verb,
    group: "",
    version: "v1",
    resource: plural,
    subresource,
    namespace: "one",
    name: "",
    ...more,
  };
}

async function withRole(rules: unknown[]) {
  const kube = await openMemoryKube();
  await kube.put(BUCKETS.roles, { metadata: { name: "reader", namespace: "one" }, rules });
  await kube.put(BUCKETS.roleBindings, {
    metadata: { name: "alice-reads", namespace: "one" },
    subjects: [user("alice")],
    roleRef: roleRef("Role", "reader"),
  });
  return kube;
}

const GET_CONFIGMAPS = { verbs: ["get"], apiGroups: [""], resources: ["configmaps"] };

test("a RoleBinding allows in its namespace and the reason names binding, role and subject", async () => {
  const { authorizer } = await withRole([GET_CONFIGMAPS]);
  assert.deepEqual(authorizer.authorize(asks("alice", "get", "configmaps")), {
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "alice-reads/one" of Role "reader" to User "alice"',
  });
  assert.deepEqual(authorizer.authorize(asks("alice", "get", "configmaps", { namespace: "two" })), {
    allowed: false,
    reason: "",
  });
  assert.deepEqual(authorizer.authorize(asks("alice", "list", "configmaps")), { allowed: false, reason: "" });
  assert.deepEqual(authorizer.authorize(asks("bob", "get", "configmaps")), { allowed: false, reason: "" });
});

test("a ClusterRoleBinding allows everywhere, by group and by ServiceAccount", async () => {
  const kube = await openMemoryKube();
  await kube.put(BUCKETS.clusterRoles, { metadata: { name: "reader" }, rules: [GET_CONFIGMAPS] });
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "readers" },
    subjects: [group("devs"), { kind: "ServiceAccount", name: "robot", namespace: "two" }],
    roleRef: roleRef("ClusterRole", "reader"),
  });
  const bob = { username: "bob", groups: ["devs", "system:authenticated"] };
  assert.equal(
    kube.authorizer.authorize(asks("", "get", "configmaps", { user: bob, namespace: "" })).reason,
    'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to Group "devs"',
  );
  assert.equal(
    kube.authorizer.authorize(asks("system:serviceaccount:two:robot", "get", "configmaps")).reason,
    'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to ServiceAccount "robot/two"',
  );
});

test("a ServiceAccount subject of a RoleBinding without a namespace is one of the binding's namespace", async () => {
  const kube = await openMemoryKube();
  await kube.put(BUCKETS.clusterRoles, { metadata: { name: "reader" }, rules: [GET_CONFIGMAPS] });
  await kube.put(BUCKETS.roleBindings, {
    metadata: { name: "robots", namespace: "one" },
    subjects: [{ kind: "ServiceAccount", name: "robot" }],
    roleRef: roleRef("ClusterRole", "reader"),
  });
  assert.equal(
    kube.authorizer.authorize(asks("system:serviceaccount:one:robot", "get", "configmaps")).reason,
    'RBAC: allowed by RoleBinding "robots/one" of ClusterRole "reader" to ServiceAccount "robot/one"',
  );
  assert.equal(kube.authorizer.authorize(asks("system:serviceaccount:two:robot", "get", "configmaps")).allowed, false);
});

test("resources, subresources, names and wildcards match as the documentation says", async () => {
  const table: [rule: object, resource: string, more: Partial<Attributes>, allowed: boolean][] = [
    [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }, "pods/log", {}, false],
    [{ verbs: ["get"], apiGroups: [""], resources: ["pods/log"] }, "pods/log", {}, true],
    [{ verbs: ["get"], apiGroups: [""], resources: ["pods/log"] }, "pods", {}, false],
    [{ verbs: ["get"], apiGroups: ["*"], resources: ["*/scale"] }, "deployments/scale", { group: "apps" }, true],
    [{ verbs: ["get"], apiGroups: ["*"], resources: ["*/scale"] }, "deployments/status", { group: "apps" }, false],
    [{ verbs: ["get"], apiGroups: ["*"], resources: ["*/scale"] }, "scale", {}, false],
    [{ verbs: ["get"], apiGroups: ["apps"], resources: ["*"] }, "deployments/status", { group: "apps" }, true],
    [{ verbs: ["get"], apiGroups: ["apps"], resources: ["*"] }, "deployments", { group: "batch" }, false],
    [{ verbs: ["*"], apiGroups: [""], resources: ["secrets"] }, "secrets", {}, true],
    [
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["a", "b"] },
      "secrets",
      { name: "b" },
      true,
    ],
    [
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["a", "b"] },
      "secrets",
      { name: "c" },
      false,
    ],
    [{ verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["a"] }, "secrets", {}, false],
    [{ verbs: ["get"], resources: ["secrets"] }, "secrets", {}, false],
    [{ apiGroups: [""], resources: ["secrets"] }, "secrets", {}, false],
    [{ verbs: "get", apiGroups: [""], resources: ["secrets"] }, "secrets", {}, false],
  ];
  for (const [rule, resource, more, allowed] of table) {
    const { authorizer } = await withRole([rule]);
    assert.equal(
      authorizer.authorize(asks("alice", "get", resource, more)).allowed,
      allowed,
      `${JSON.stringify(rule)} ${resource}`,
    );
  }
});

test("paths match exactly or by a trailing star, and only by cluster-wide bindings", async () => {
  const kube = await openMemoryKube();
  await kube.put(BUCKETS.clusterRoles, {
    metadata: { name: "paths" },
    rules: [{ verbs: ["get"], nonResourceURLs: ["/metrics", "/healthz/*"] }],
  });
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "p" },
    subjects: [user("alice")],
    roleRef: roleRef("ClusterRole", "paths"),
  });
  const allowed = (path: string, verb = "get") =>
    kube.authorizer.authorize(asks("alice", verb, "", { path, namespace: "" })).allowed;
  assert.deepEqual(
    ["/metrics", "/metrics/x", "/healthz", "/healthz/", "/healthz/etcd"].map((p) => allowed(p)),
    [true, false, false, true, true],
  );
  assert.equal(allowed("/metrics", "post"), false);
});

test("a refusal names the roles that bindings point to and that are not there", async () => {
  const kube = await openMemoryKube();
  const refs = [roleRef("ClusterRole", "gone"), roleRef("Role", "lost"), roleRef("Role", "lost")];
  for (const [i, ref] of refs.entries()) {
    await kube.put(BUCKETS.roleBindings, {
      metadata: { name: `b${i}`, namespace: "one" },
      subjects: [user("alice")],
      roleRef: ref,
    });
  }
  assert.equal(
    kube.authorizer.authorize(asks("alice", "get", "pods")).reason,
    'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "lost" not found]',
  );
  await kube.remove(BUCKETS.roleBindings, "one/b0");
  assert.equal(
    kube.authorizer.authorize(asks("alice", "get", "pods")).reason,
    'RBAC: role.rbac.authorization.k8s.io "lost" not found',
  );
});

test("changes of roles and bindings count at once", async () => {
  const kube = await withRole([GET_CONFIGMAPS]);
  const may = (name: string) => kube.authorizer.authorize(asks(name, "get", "configmaps")).allowed;
  assert.equal(may("alice"), true);
  await kube.put(BUCKETS.roles, { metadata: { name: "reader", namespace: "one" }, rules: [] });
  assert.equal(may("alice"), false);
  await kube.put(BUCKETS.roles, { metadata: { name: "reader", namespace: "one" }, rules: [GET_CONFIGMAPS] });
  await kube.put(BUCKETS.roleBindings, {
    metadata: { name: "alice-reads", namespace: "one" },
    subjects: [user("bob")],
    roleRef: roleRef("Role", "reader"),
  });
  assert.deepEqual([may("alice"), may("bob")], [false, true]);
  await kube.remove(BUCKETS.roles, "one/reader");
  assert.equal(may("bob"), false);
});

test("system:masters may do everything, without a reason", async () => {
  const { authorizer } = await openMemoryKube();
  const admin = { username: "admin", groups: ["system:masters"] };
  assert.deepEqual(authorizer.authorize(asks("", "delete", "nodes", { user: admin })), { allowed: true, reason: "" });
});

test("names of JavaScript's own members are names like any other", async () => {
  const kube = await openMemoryKube();
  await kube.put(BUCKETS.clusterRoles, { metadata: { name: "constructor" }, rules: [GET_CONFIGMAPS] });
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "__proto__" },
    subjects: [user("__proto__")],
    roleRef: roleRef("ClusterRole", "constructor"),
  });
  assert.equal(kube.authorizer.authorize(asks("__proto__", "get", "configmaps")).allowed, true);
  assert.equal(kube.authorizer.authorize(asks("toString", "get", "configmaps")).allowed, false);
});

test("objects that are not of the expected shape grant nothing", async () => {
  const kube = await openMemoryKube();
  await kube.put(BUCKETS.clusterRoles, {
    metadata: { name: "odd" },
    rules: [null, 3, "x", { verbs: [1, null], resources: {} }],
  });
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "a" },
    subjects: [null, 1, { kind: "User" }, { kind: "Alien", name: "alice" }],
  });
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "b" },
    subjects: [user("alice")],
    roleRef: roleRef("ClusterRole", "odd"),
  });
  assert.equal(kube.authorizer.authorize(asks("alice", "get", "configmaps")).allowed, false);
});
