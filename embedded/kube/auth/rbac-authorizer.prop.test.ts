import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BUCKETS, openMemoryKube, roleRef } from "./testkit/memory-kube.ts";
import type { Attributes } from "./user.ts";

// A world small enough that requests often hit, and an evaluator that reads every object for every question.

const NAMESPACES = ["one", "two"];
const NAMES = ["a", "b", "c"];

interface Rule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}
interface World {
  roles: { namespace: string; name: string; rules: Rule[] }[];
  bindings: {
    namespace: string;
    name: string;
    kind: "Role" | "ClusterRole";
    role: string;
    subjects: Record<string, string>[];
  }[];
}

const pick = (values: string[], max = 2) => fc.subarray(values, { minLength: 1, maxLength: max });
const resourceRule: fc.Arbitrary<Rule> = fc.record({
  verbs: pick(["get", "list", "*"]),
  apiGroups: pick(["", "apps", "*"]),
  resources: pick(["pods", "pods/log", "*/scale", "deployments", "*"]),
  resourceNames: fc.oneof(fc.constant([] as string[]), pick(NAMES)),
});
const pathRule: fc.Arbitrary<Rule> = fc.record({
  verbs: pick(["get", "*"]),
  nonResourceURLs: pick(["/a", "/a/*", "*", "/b"]),
});
const subject = fc.oneof(
  fc.constantFrom(...NAMES).map((name) => ({ kind: "User", name })),
  fc.constantFrom("g", "h").map((name) => ({ kind: "Group", name })),
  fc.record({
    kind: fc.constant("ServiceAccount"),
    name: fc.constantFrom(...NAMES),
    namespace: fc.constantFrom("", ...NAMESPACES),
  }),
);
const world: fc.Arbitrary<World> = fc.record({
  roles: fc.uniqueArray(
    fc.record({
      namespace: fc.constantFrom("", ...NAMESPACES),
      name: fc.constantFrom(...NAMES),
      rules: fc.array(fc.oneof(resourceRule, pathRule), { maxLength: 3 }),
    }),
    { maxLength: 6, selector: (r) => `${r.namespace}/${r.name}` },
  ),
  bindings: fc.uniqueArray(
    fc.record({
      namespace: fc.constantFrom("", ...NAMESPACES),
      name: fc.constantFrom(...NAMES),
      kind: fc.constantFrom("Role" as const, "ClusterRole" as const),
      role: fc.constantFrom(...NAMES),
      subjects: fc.array(subject, { maxLength: 3 }),
    }),
    { maxLength: 6, selector: (b) => `${b.namespace}/${b.name}` },
  ),
});
const question: fc.Arbitrary<Attributes> = fc
  .record({
    username: fc.constantFrom(
      ...NAMES,
      ...NAMESPACES.flatMap((ns) => NAMES.map((n) => `system:serviceaccount:${ns}:${n}`)),
    ),
    groups: fc.subarray(["g", "h"]),
    verb: fc.constantFrom("get", "list", "watch"),
    group: fc.constantFrom("", "apps", "batch"),
    resource: fc.constantFrom("pods", "deployments", "secrets"),
    subresource: fc.constantFrom("", "log", "scale"),
    namespace: fc.constantFrom("", ...NAMESPACES),
    name: fc.constantFrom("", ...NAMES),
    path: fc.constantFrom(undefined, undefined, "/a", "/a/x", "/c"),
  })
  .map(({ username, groups, path, ...rest }) => ({
    user: { username, groups },
    version: "v1",
    ...(path === undefined ? rest : { ...rest, namespace: "", path }),
  }));

function naive(world: World, asked: Attributes): boolean {
  return world.bindings.some((binding) => {
    if (binding.namespace !== "" && binding.namespace !== asked.namespace) return false;
    const reaches = binding.subjects.some(({ kind, name = "", namespace = "" }) => {
      if (kind === "User") return asked.user.username === name;
      if (kind === "Group") return asked.user.groups.includes(name);
      const of = namespace === "" ? binding.namespace : namespace;
      return of !== "" && asked.user.username === `system:serviceaccount:${of}:${name}`;
    });
    const home = binding.kind === "ClusterRole" ? "" : binding.namespace;
    if (!reaches || (binding.kind === "Role" && home === "")) return false;
    const role = world.roles.find((r) => r.name === binding.role && r.namespace === home);
    return role?.rules.some((rule) => naiveRule(rule, asked)) ?? false;
  });
}

function naiveRule(rule: Rule, asked: Attributes): boolean {
  if (!rule.verbs.includes("*") && !rule.verbs.includes(asked.verb)) return false;
  if (asked.path !== undefined) {
    return (rule.nonResourceURLs ?? []).some((url) =>
      url.endsWith("*") ? asked.path?.startsWith(url.slice(0, -1)) : url === asked.path,
    );
  }
  const combined = asked.subresource === "" ? asked.resource : `${asked.resource}/${asked.subresource}`;
  const wild = asked.subresource === "" ? "none" : `*/${asked.subresource}`;
  return (
    (rule.apiGroups ?? []).some((g) => g === "*" || g === asked.group) &&
    (rule.resources ?? []).some((r) => r === "*" || r === combined || r === wild) &&
    ((rule.resourceNames ?? []).length === 0 || (rule.resourceNames ?? []).includes(asked.name))
  );
}

test("the compiled authorizer decides as one that reads every object each time, also after changes", async () => {
  await fc.assert(
    fc.asyncProperty(
      world,
      world,
      fc.array(question, { minLength: 1, maxLength: 12 }),
      async (first, second, questions) => {
        const kube = await openMemoryKube();
        for (const state of [first, second]) {
          for (const bucket of Object.values(BUCKETS)) {
            for (const key of [...kube.store.bucket(bucket).range("")].map(([k]) => k)) await kube.remove(bucket, key);
          }
          for (const { namespace, name, rules } of state.roles) {
            await kube.put(namespace === "" ? BUCKETS.clusterRoles : BUCKETS.roles, {
              metadata: { name, ...(namespace === "" ? {} : { namespace }) },
              rules,
            });
          }
          for (const { namespace, name, kind, role, subjects } of state.bindings) {
            await kube.put(namespace === "" ? BUCKETS.clusterRoleBindings : BUCKETS.roleBindings, {
              metadata: { name, ...(namespace === "" ? {} : { namespace }) },
              subjects,
              roleRef: roleRef(kind, role),
            });
          }
          for (const asked of questions) {
            assert.equal(kube.authorizer.authorize(asked).allowed, naive(state, asked), JSON.stringify(asked));
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
