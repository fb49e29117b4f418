import assert from "node:assert/strict";
import { test } from "node:test";
import { SILENT } from "@holdfast/runtime/log/logger";
import { aggregateClusterRoles, startRoleAggregation } from "./aggregate-cluster-roles.ts";
import { ensureDefaultRoles } from "./ensure-default-roles.ts";
import { rulesOf } from "./rbac/policy-rule.ts";
import { BUCKETS, group, openMemoryKube, roleRef, user } from "./testkit/memory-kube.ts";

test("an empty server gets the default roles with their label, annotation and owner", async () => {
  const kube = await openMemoryKube();
  await ensureDefaultRoles(kube);
  assert.deepEqual(kube.store.latest(BUCKETS.clusterRoles, "system:basic-user")?.object, {
    kind: "ClusterRole",
    apiVersion: "rbac.authorization.k8s.io/v1",
    metadata: {
      name: "system:basic-user",
      labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
      annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
      managedFields: [
        {
          manager: "kube-apiserver",
          operation: "Update",
          apiVersion: "rbac.authorization.k8s.io/v1",
          time: "2026-01-02T03:04:05Z",
          fieldsType: "FieldsV1",
          fieldsV1: {
            "f:metadata": {
              "f:annotations": { ".": {}, "f:rbac.authorization.kubernetes.io/autoupdate": {} },
              "f:labels": { ".": {}, "f:kubernetes.io/bootstrapping": {} },
            },
            "f:rules": {},
          },
        },
      ],
      uid: kube.store.latest(BUCKETS.clusterRoles, "system:basic-user")?.object.metadata.uid,
      creationTimestamp: "2026-01-02T03:04:05Z",
      resourceVersion: kube.store.latest(BUCKETS.clusterRoles, "system:basic-user")?.object.metadata.resourceVersion,
    },
    rules: [
      {
        verbs: ["create"],
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
      },
      { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
    ],
  });
  const admin = kube.store.latest(BUCKETS.clusterRoles, "admin")?.object;
  assert.equal(admin?.["rules"], null);
  assert.deepEqual(admin?.["aggregationRule"], {
    clusterRoleSelectors: [{ matchLabels: { "rbac.authorization.k8s.io/aggregate-to-admin": "true" } }],
  });
  const binding = kube.store.latest(BUCKETS.clusterRoleBindings, "system:public-info-viewer")?.object;
  assert.deepEqual(binding?.["subjects"], [group("system:authenticated"), group("system:unauthenticated")]);
  assert.deepEqual(binding?.["roleRef"], roleRef("ClusterRole", "system:public-info-viewer"));
  assert.ok(kube.store.latest(BUCKETS.roleBindings, "kube-system/system::extension-apiserver-authentication-reader"));
  assert.ok(kube.store.latest(BUCKETS.roles, "kube-public/system:controller:bootstrap-signer"));
});

test("a second start writes nothing", async () => {
  const kube = await openMemoryKube();
  await ensureDefaultRoles(kube);
  const { revision } = kube.store;
  await ensureDefaultRoles(kube);
  assert.equal(kube.store.revision, revision);
});

test("a start gives back what was taken and keeps what was added, unless autoupdate is false", async () => {
  const kube = await openMemoryKube();
  await ensureDefaultRoles(kube);
  const added = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
  const annotations = { "rbac.authorization.kubernetes.io/autoupdate": "false" };
  await kube.put(BUCKETS.clusterRoles, { metadata: { name: "system:kube-dns" }, rules: [added] });
  await kube.put(BUCKETS.clusterRoles, { metadata: { name: "system:discovery", annotations }, rules: [] });
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "cluster-admin" },
    subjects: [user("alice")],
    roleRef: roleRef("ClusterRole", "cluster-admin"),
  });
  await kube.remove(BUCKETS.clusterRoles, "system:basic-user");
  await ensureDefaultRoles(kube);
  const dns = kube.store.latest(BUCKETS.clusterRoles, "system:kube-dns")?.object;
  assert.deepEqual(dns?.["rules"], [
    added,
    { verbs: ["list"], apiGroups: [""], resources: ["endpoints"] },
    { verbs: ["watch"], apiGroups: [""], resources: ["endpoints"] },
    { verbs: ["list"], apiGroups: [""], resources: ["services"] },
    { verbs: ["watch"], apiGroups: [""], resources: ["services"] },
  ]);
  assert.deepEqual(dns?.metadata.labels, { "kubernetes.io/bootstrapping": "rbac-defaults" });
  assert.deepEqual(kube.store.latest(BUCKETS.clusterRoles, "system:discovery")?.object["rules"], []);
  assert.deepEqual(kube.store.latest(BUCKETS.clusterRoleBindings, "cluster-admin")?.object["subjects"], [
    user("alice"),
    group("system:masters"),
  ]);
  assert.ok(kube.store.latest(BUCKETS.clusterRoles, "system:basic-user"));
});

test("admin, edit and view gather the rules of the roles that are labelled for them", async () => {
  const kube = await openMemoryKube();
  await ensureDefaultRoles(kube);
  await kube.put(BUCKETS.clusterRoles, {
    metadata: { name: "crontabs", labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
    rules: [{ verbs: ["get"], apiGroups: ["stable.example.com"], resources: ["crontabs"] }],
  });
  // admin gathers from edit, edit from view: three levels.
  for (let pass = 0; pass < 3; pass++) await aggregateClusterRoles(kube);
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "a" },
    subjects: [user("ada")],
    roleRef: roleRef("ClusterRole", "admin"),
  });
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "v" },
    subjects: [user("vi")],
    roleRef: roleRef("ClusterRole", "view"),
  });
  const may = (username: string, verb: string, group: string, resource: string) =>
    kube.authorizer.authorize({
      user: { username, groups: [] },
      verb,
      group,
      version: "v1",
      resource,
      subresource: "",
      namespace: "one",
      name: "",
    }).allowed;
  assert.equal(may("ada", "get", "stable.example.com", "crontabs"), true);
  assert.equal(may("ada", "create", "rbac.authorization.k8s.io", "rolebindings"), true);
  assert.equal(may("ada", "delete", "", "secrets"), true);
  assert.equal(may("vi", "get", "stable.example.com", "crontabs"), true);
  assert.equal(may("vi", "get", "", "secrets"), false);
  const { revision } = kube.store;
  await aggregateClusterRoles(kube);
  assert.equal(kube.store.revision, revision);
  assert.deepEqual(kube.store.latest(BUCKETS.clusterRoles, "view")?.object.metadata.managedFields?.[0], {
    manager: "clusterrole-aggregation-controller",
    operation: "Apply",
    apiVersion: "rbac.authorization.k8s.io/v1",
    time: "2026-01-02T03:04:05Z",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:rules": {} },
  });
});

test("the controller follows changes until it is stopped; roles that gather each other come to rest", async () => {
  const kube = await openMemoryKube();
  const stop = startRoleAggregation(kube, SILENT);
  const gathering = (name: string, label: string, from: string) => ({
    metadata: { name, labels: { [label]: "true" } },
    aggregationRule: {
      clusterRoleSelectors: [
        { matchLabels: { [from]: "true" } },
        { matchExpressions: [{ key: "x", operator: "Odd" }] },
      ],
    },
    rules: [],
  });
  await kube.put(BUCKETS.clusterRoles, gathering("ping", "a", "b"));
  await kube.put(BUCKETS.clusterRoles, gathering("pong", "b", "a"));
  const rule = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
  await kube.put(BUCKETS.clusterRoles, { metadata: { name: "leaf", labels: { b: "true" } }, rules: [rule] });
  const rules = (name: string) => rulesOf(kube.store.bucket(BUCKETS.clusterRoles).get(name)?.object as never).length;
  for (let i = 0; i < 50 && (rules("ping") !== 1 || rules("pong") !== 1); i++) await new Promise(setImmediate);
  assert.deepEqual([rules("ping"), rules("pong")], [1, 1]);
  await stop();
  await kube.put(BUCKETS.clusterRoles, {
    metadata: { name: "leaf", labels: { b: "true" } },
    rules: [rule, { ...rule, verbs: ["list"] }],
  });
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  assert.equal(rules("ping"), 1);
});
