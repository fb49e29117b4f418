import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { AdmissionAttributes } from "../admission/admission.ts";
import { builtinResources } from "../resources/builtin-resources.ts";
import { createEscalationCheck } from "./escalation.ts";
import { BUCKETS, type MemoryKube, openMemoryKube, roleRef, user } from "./testkit/memory-kube.ts";
import type { UserInfo } from "./user.ts";

const RBAC = "rbac.authorization.k8s.io";
const TYPES = new Map(builtinResources().map((type) => [type.bucket, type]));
const ALICE: UserInfo = { username: "alice", groups: ["system:authenticated"] };
const RULES = [
  { verbs: ["get", "list"], apiGroups: [""], resources: ["configmaps"] },
  {
    verbs: ["get", "list", "create", "update", "patch", "delete"],
    apiGroups: [RBAC],
    resources: ["roles", "rolebindings"],
  },
];
const EVERYTHING = [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }];

async function world(): Promise<MemoryKube> {
  const kube = await openMemoryKube();
  await kube.put(BUCKETS.roles, { metadata: { name: "alices", namespace: "one" }, rules: RULES });
  await kube.put(BUCKETS.clusterRoles, {
    metadata: { name: "cluster-admin" },
    rules: [...EVERYTHING, { verbs: ["*"], nonResourceURLs: ["*"] }],
  });
  await bind(kube, "alices", "Role");
  return kube;
}

async function bind(kube: MemoryKube, role: string, kind: "Role" | "ClusterRole"): Promise<void> {
  const metadata = { name: `alice-${role}`, namespace: "one" };
  await kube.put(BUCKETS.roleBindings, { metadata, subjects: [user("alice")], roleRef: roleRef(kind, role) });
}

interface Write {
  readonly object: Record<string, unknown>;
  readonly old?: Record<string, unknown>;
  readonly by?: UserInfo;
}

async function write(
  kube: MemoryKube,
  bucket: string,
  { object, old, by = ALICE }: Write,
): Promise<StatusError | undefined> {
  const type = TYPES.get(bucket);
  assert.ok(type);
  const complete = (o: Record<string, unknown>) =>
    ({ kind: type.kind, apiVersion: `${RBAC}/v1`, ...o }) as unknown as NonNullable<AdmissionAttributes["object"]>;
  try {
    await createEscalationCheck(kube.authorizer).mutate({
      operation: old === undefined ? "CREATE" : "UPDATE",
      type,
      subresource: "",
      namespace: type.namespaced ? "one" : "",
      name: complete(object).metadata.name ?? "",
      object: complete(object),
      oldObject: old === undefined ? undefined : complete(old),
      options: {},
      dryRun: false,
      user: by,
      warn: () => undefined,
    });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error;
  }
}

test("a role with rules its maker holds passes", async () => {
  const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["configmaps"] }];
  assert.equal(await write(await world(), BUCKETS.roles, { object: { metadata: { name: "same" }, rules } }), undefined);
});

test("a role that is more than its maker holds is refused in the recorded words", async () => {
  const rules = [
    { apiGroups: [""], resources: ["configmaps", "secrets"], verbs: ["get", "delete"] },
    { apiGroups: ["apps"], resources: ["deployments"], resourceNames: ["one"], verbs: ["get"] },
  ];
  const refusal = await write(await world(), BUCKETS.roles, { object: { metadata: { name: "more" }, rules } });
  assert.deepEqual(refusal?.status, {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message:
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "alice" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}\n{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["one"], Verbs:["get"]}',
    reason: "Forbidden",
    details: { name: "more", group: "rbac.authorization.k8s.io", kind: "roles" },
    code: 403,
  });
});

test("an update is judged by the rules it leaves, changed or not; the garbage collector's fields are free", async () => {
  const kube = await world();
  const old = { metadata: { name: "r", uid: "1" }, rules: EVERYTHING };
  const labelled = { ...old, metadata: { ...old.metadata, labels: { seen: "yes" } } };
  const released = { ...old, metadata: { ...old.metadata, finalizers: [], ownerReferences: [] } };
  assert.equal((await write(kube, BUCKETS.roles, { old, object: labelled }))?.httpCode, 403);
  assert.equal(await write(kube, BUCKETS.roles, { old, object: released }), undefined);
});

test("the verb escalate lifts the check, by the name of the role only where the request has one", async () => {
  const kube = await world();
  await kube.put(BUCKETS.roles, {
    metadata: { name: "escalators", namespace: "one" },
    rules: [{ verbs: ["escalate"], apiGroups: [RBAC], resources: ["roles"], resourceNames: ["r"] }],
  });
  await bind(kube, "escalators", "Role");
  const object = { metadata: { name: "r" }, rules: EVERYTHING };
  assert.equal(await write(kube, BUCKETS.roles, { object, old: { metadata: { name: "r" }, rules: [] } }), undefined);
  assert.equal((await write(kube, BUCKETS.roles, { object }))?.httpCode, 403);
  await kube.put(BUCKETS.roles, {
    metadata: { name: "escalators", namespace: "one" },
    rules: [{ verbs: ["*"], apiGroups: [RBAC], resources: ["roles"] }],
  });
  assert.equal(await write(kube, BUCKETS.roles, { object }), undefined);
});

test("a binding to a role its maker does not hold is refused, to one that is not there 404", async () => {
  const kube = await world();
  const grab = {
    metadata: { name: "grab" },
    roleRef: roleRef("ClusterRole", "cluster-admin"),
    subjects: [user("alice")],
  };
  assert.equal(
    (await write(kube, BUCKETS.roleBindings, { object: grab }))?.status.message,
    'rolebindings.rbac.authorization.k8s.io "grab" is forbidden: user "alice" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}',
  );
  const nowhere = await write(kube, BUCKETS.roleBindings, {
    object: { ...grab, roleRef: roleRef("Role", "nonesuch") },
  });
  assert.equal(nowhere?.status.message, 'rolebindings.rbac.authorization.k8s.io "nonesuch" not found');
  assert.deepEqual(nowhere?.status.details, {
    name: "nonesuch",
    group: "rbac.authorization.k8s.io",
    kind: "rolebindings",
  });
  assert.equal(nowhere?.httpCode, 404);
  const alien = await write(kube, BUCKETS.roleBindings, {
    object: { ...grab, roleRef: { apiGroup: RBAC, kind: "Thing", name: "x" } },
  });
  assert.deepEqual([alien?.httpCode, alien?.status.message], [500, 'unsupported role reference kind: "Thing"']);
});

test("the verb bind on a role lets it be bound in the namespace of the binding", async () => {
  const kube = await world();
  await kube.put(BUCKETS.roles, {
    metadata: { name: "binders", namespace: "one" },
    rules: [{ verbs: ["bind"], apiGroups: [RBAC], resources: ["clusterroles"], resourceNames: ["cluster-admin"] }],
  });
  await bind(kube, "binders", "Role");
  const object = { metadata: { name: "b" }, roleRef: roleRef("ClusterRole", "cluster-admin"), subjects: [] };
  assert.equal(await write(kube, BUCKETS.roleBindings, { object }), undefined);
  assert.equal((await write(kube, BUCKETS.clusterRoleBindings, { object }))?.httpCode, 403);
});

test("an aggregationRule needs full power, also to take it away", async () => {
  const kube = await world();
  const gathering = {
    metadata: { name: "g" },
    rules: [],
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
  };
  const why =
    'clusterroles.rbac.authorization.k8s.io "g" is forbidden: must have cluster-admin privileges to use the aggregationRule';
  assert.equal((await write(kube, BUCKETS.clusterRoles, { object: gathering }))?.status.message, why);
  const plain = { metadata: { name: "g" }, rules: [] };
  assert.equal((await write(kube, BUCKETS.clusterRoles, { old: gathering, object: plain }))?.status.message, why);
  assert.equal(await write(kube, BUCKETS.clusterRoles, { old: plain, object: plain }), undefined);
});

test("bindings of the caller that lead nowhere are named in the refusal", async () => {
  const kube = await world();
  await bind(kube, "gone", "ClusterRole");
  const refusal = await write(kube, BUCKETS.roles, { object: { metadata: { name: "x" }, rules: EVERYTHING } });
  assert.match(
    refusal?.status.message ?? "",
    /Verbs:\["\*"\]\}; resolution errors: \[roles\.rbac\.authorization\.k8s\.io "gone" not found\]$/,
  );
});

test("system:masters may grant what they like", async () => {
  const by = { username: "root", groups: ["system:masters"] };
  const object = { metadata: { name: "x" }, rules: EVERYTHING };
  assert.equal(await write(await world(), BUCKETS.clusterRoles, { object, by }), undefined);
});
