import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileRules } from "./compiled-rules.ts";
import { type PolicyRule, policyRule } from "./policy-rule.ts";
import { describeRules, FULL_AUTHORITY, uncovered } from "./rule-coverage.ts";

const on = (resources: string[], verbs: string[], more: Partial<PolicyRule> = {}) =>
  policyRule({ verbs, apiGroups: [""], resources, ...more });

test("what is not held is named in the recorded form: one line for a resource, sorted", () => {
  const held = [on(["configmaps"], ["get", "list"])];
  const wanted = [
    on(["configmaps", "secrets"], ["get", "delete"]),
    policyRule({ verbs: ["get"], apiGroups: ["apps"], resources: ["deployments"], resourceNames: ["one"] }),
  ];
  assert.deepEqual(describeRules(uncovered(held, wanted)), [
    '{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}',
    '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}',
    '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["one"], Verbs:["get"]}',
  ]);
  assert.deepEqual(describeRules(uncovered([], FULL_AUTHORITY)), [
    '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
    '{NonResourceURLs:["*"], Verbs:["*"]}',
  ]);
});

test("wildcards cover what they stand for, and no more", () => {
  const table: [held: PolicyRule, wanted: PolicyRule, covered: boolean][] = [
    [on(["*"], ["*"]), on(["pods/log"], ["get"]), true],
    [on(["*/scale"], ["get"]), on(["deployments/scale"], ["get"]), true],
    [on(["*/scale"], ["get"]), on(["deployments"], ["get"]), false],
    [on(["pods"], ["get"]), on(["*"], ["get"]), false],
    [on(["pods"], ["get"]), on(["pods"], ["*"]), false],
    [on(["pods"], ["get"]), on(["pods"], ["get"], { resourceNames: ["a"] }), true],
    [on(["pods"], ["get"], { resourceNames: ["a"] }), on(["pods"], ["get"]), false],
    [on(["pods"], ["get"], { resourceNames: ["a"] }), on(["pods"], ["get"], { resourceNames: ["a", "b"] }), false],
    [on(["pods"], ["get"], { apiGroups: ["*"] }), on(["pods"], ["get"]), true],
    [
      policyRule({ verbs: ["get"], nonResourceURLs: ["/a/*"] }),
      policyRule({ verbs: ["get"], nonResourceURLs: ["/a/b"] }),
      true,
    ],
    [
      policyRule({ verbs: ["get"], nonResourceURLs: ["/a/*"] }),
      policyRule({ verbs: ["get"], nonResourceURLs: ["*"] }),
      false,
    ],
    [policyRule({ verbs: ["get"], nonResourceURLs: ["*"] }), on(["pods"], ["get"]), false],
    [on(["*"], ["get"]), policyRule({ verbs: ["get"], nonResourceURLs: ["/a"] }), false],
  ];
  for (const [held, wanted, covered] of table) {
    assert.equal(
      uncovered([held], [wanted]).length === 0,
      covered,
      `${JSON.stringify(held)} ${JSON.stringify(wanted)}`,
    );
  }
});

const words = (...values: string[]) => fc.subarray(values, { minLength: 1, maxLength: 2 });
const anyRule = fc
  .record({
    verbs: words("get", "list", "*"),
    apiGroups: words("", "apps", "*"),
    resources: words("pods", "pods/log", "*/log", "*"),
    resourceNames: fc.oneof(fc.constant([] as string[]), words("a", "b")),
  })
  .map(policyRule);
const anyRules = fc.array(anyRule, { minLength: 1, maxLength: 3 });

test("whoever holds rules that cover others is allowed everything that the others allow", () => {
  fc.assert(
    fc.property(anyRules, anyRules, (held, wanted) => {
      if (uncovered(held, wanted).length > 0) return;
      const [ours, theirs] = [compileRules(held), compileRules(wanted)];
      for (const verb of ["get", "list", "watch"]) {
        for (const group of ["", "apps", "batch"]) {
          for (const [resource, subresource] of [
            ["pods", ""],
            ["pods", "log"],
            ["jobs", "log"],
            ["jobs", ""],
          ] as const) {
            for (const name of ["", "a", "b", "c"]) {
              const asked = {
                user: { username: "u", groups: [] },
                verb,
                group,
                version: "v1",
                resource,
                subresource,
                namespace: "",
                name,
              };
              assert.ok(!theirs.allows(asked) || ours.allows(asked), JSON.stringify(asked));
            }
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("rules always cover themselves", () => {
  fc.assert(fc.property(anyRules, (rules) => assert.deepEqual(uncovered(rules, rules), [])));
});
