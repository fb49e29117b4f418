import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../meta/types.ts";
import { COLUMNS } from "./columns/column-table.ts";
import { kindBehaviour } from "./kind-table.ts";
import { created, createProblems, part, updateProblems } from "./testkit/judge.ts";

const NOW_MS = Date.parse("2024-01-02T03:06:06Z");

function cells(typeKey: string, members: Record<string, unknown>): unknown[] | undefined {
  return kindBehaviour(typeKey).cells?.(created(typeKey, members), NOW_MS);
}

test("every table begins with a name and has as many cells as columns", () => {
  for (const typeKey of Object.keys(COLUMNS)) {
    const { columns, cells: cellsOf, empty } = kindBehaviour(typeKey);
    assert.ok(
      columns?.some((column) => column.name === "Name" && column.format === "name"),
      typeKey,
    );
    assert.equal(cellsOf?.(empty as KubeObject, 0).length, columns?.length, typeKey);
  }
});

test("kinds without rules of their own have an empty value", () => {
  assert.deepEqual(kindBehaviour("storage/v1.VolumeAttachment").empty?.apiVersion, "storage.k8s.io/v1");
  assert.equal(kindBehaviour("core/v1.ServiceAccount").deleteReturnsObject, true);
  assert.throws(() => kindBehaviour("core/v1.Nonesuch"), TypeError);
});

test("cells of services, ingresses and endpoints", () => {
  const ports = [
    { name: "a", port: 80 },
    { name: "b", port: 53, protocol: "UDP" },
  ];
  const spec = { clusterIP: "10.96.0.7", ports, selector: { app: "web" } };
  assert.deepEqual(cells("core/v1.Service", { spec }), [
    "x",
    "ClusterIP",
    "10.96.0.7",
    "<none>",
    "80/TCP,53/UDP",
    "2m1s",
    "app=web",
  ]);
  const rules = ["a", "b", "c", "d"].map((name) => ({ host: `${name}.example` }));
  assert.deepEqual(cells("networking/v1.Ingress", { spec: { rules, tls: [{}] } }), [
    "x",
    "<none>",
    "a.example,b.example,c.example + 1 more...",
    "",
    "80, 443",
    "2m1s",
  ]);
  const addresses = [1, 2, 3, 4, 5].map((n) => ({ ip: `10.1.1.${n}` }));
  assert.deepEqual(cells("core/v1.Endpoints", { subsets: [{ addresses, ports: [{ port: 80 }] }] }), [
    "x",
    "10.1.1.1:80,10.1.1.2:80,10.1.1.3:80 + 2 more...",
    "2m1s",
  ]);
});

test("cells of a pod that keeps crashing", () => {
  const pod = created("core/v1.Pod", {
    spec: {
      containers: [
        { name: "a", image: "a" },
        { name: "b", image: "b" },
      ],
      readinessGates: [{ conditionType: "x/y" }],
      nodeName: "n1",
    },
  });
  pod["status"] = {
    phase: "Running",
    podIP: "10.1.1.1",
    containerStatuses: [
      { name: "a", ready: true, restartCount: 0, state: { running: {} } },
      {
        name: "b",
        ready: false,
        restartCount: 3,
        state: { waiting: { reason: "CrashLoopBackOff" } },
        lastState: { terminated: { exitCode: 1, finishedAt: "2024-01-02T03:05:06Z" } },
      },
    ],
  };
  assert.deepEqual(kindBehaviour("core/v1.Pod").cells?.(pod, NOW_MS), [
    "x",
    "1/2",
    "CrashLoopBackOff",
    "3 (60s ago)",
    "2m1s",
    "10.1.1.1",
    "n1",
    "<none>",
    "0/1",
  ]);
});

test("bindings name their api groups and keep their role", () => {
  const BINDING = "rbac/v1.RoleBinding";
  const subjects = [
    { kind: "User", name: "alice" },
    { kind: "ServiceAccount", name: "sa", namespace: "d" },
  ];
  const old = created(BINDING, { roleRef: { kind: "Role", name: "reader" }, subjects });
  assert.deepEqual(old["roleRef"], { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" });
  assert.deepEqual(old["subjects"], [{ ...subjects[0], apiGroup: "rbac.authorization.k8s.io" }, subjects[1]]);
  assert.deepEqual(
    updateProblems(BINDING, old, (next) => {
      part(next, "roleRef")["name"] = "other";
    }),
    [
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: cannot change roleRef',
    ],
  );
  assert.deepEqual(createProblems("rbac/v1.Role", { rules: [{}, { verbs: ["get"], nonResourceURLs: ["/z"] }] }), [
    "rules[0].verbs: Required value: verbs must contain at least one value",
    "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
    "rules[0].resources: Required value: resource rules must supply at least one resource",
    'rules[1].nonResourceURLs: Invalid value: ["/z"]: namespaced rules cannot apply to non-resource URLs',
  ]);
});

test("webhooks are filled up and judged", () => {
  const HOOKS = "admissionregistration/v1.ValidatingWebhookConfiguration";
  const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };
  const hook = {
    name: "a.hooks.example",
    clientConfig: { service: { name: "s", namespace: "n" } },
    rules: [rule],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  assert.deepEqual(created(HOOKS, { webhooks: [hook] })["webhooks"], [
    {
      ...hook,
      clientConfig: { service: { name: "s", namespace: "n", port: 443 } },
      rules: [{ ...rule, scope: "*" }],
      failurePolicy: "Fail",
      matchPolicy: "Equivalent",
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
    },
  ]);
  const bad = (members: Record<string, unknown>) => createProblems(HOOKS, { webhooks: [{ ...hook, ...members }] });
  assert.deepEqual(bad({ clientConfig: { url: "http://user:pass@a.example/x?y=z#f" } }), [
    "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
    'webhooks[0].clientConfig.url: Invalid value: "user:pass": user information is not permitted in the URL',
    'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
    'webhooks[0].clientConfig.url: Invalid value: "y=z": query parameters are not permitted in the URL',
  ]);
  const resources = ["pods/*", "pods/status", "*/*", "*/scale", "a/b/c"];
  assert.deepEqual(bad({ rules: [{ ...rule, resources }] }), [
    "webhooks[0].rules[0].resources[1]: Invalid value: \"pods/status\": if 'pods/*' is present, must not specify pods/status",
    "webhooks[0].rules[0].resources[3]: Invalid value: \"*/scale\": if '*/*' is present, must not specify */scale",
    'webhooks[0].rules[0].resources: Invalid value: ["pods/*","pods/status","*/*","*/scale","a/b/c"]: if \'*/*\' is present, must not specify other resources',
  ]);
});

test("an admission policy has to compile", () => {
  const problems = createProblems("admissionregistration/v1.ValidatingAdmissionPolicy", {
    spec: {
      matchConstraints: {
        resourceRules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }],
      },
      validations: [{ expression: "object.metadata.name +" }, { expression: "1" }],
    },
  });
  assert.equal(problems.length, 2);
  assert.match(
    problems[0] as string,
    /^spec\.validations\[0\]\.expression: Invalid value: "object\.metadata\.name \+": compilation failed: ERROR: <input>:1:23: Syntax error/,
  );
  assert.equal(problems[1], 'spec.validations[1].expression: Invalid value: "1": must evaluate to bool');
});

test("autoscalers are one object in two versions", () => {
  const spec = {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    minReplicas: 2,
    maxReplicas: 5,
    behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
    metrics: [
      { type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 60 } } },
    ],
  };
  const stored = created("autoscaling/v2.HorizontalPodAutoscaler", { spec });
  const { convert, toStorage } = kindBehaviour("autoscaling/v1.HorizontalPodAutoscaler");
  const old = convert?.(stored) as KubeObject;
  assert.equal(
    old.metadata.annotations?.["autoscaling.alpha.kubernetes.io/metrics"],
    '[{"type":"Resource","resource":{"name":"memory","targetAverageUtilization":60}}]',
  );
  assert.deepEqual(old["spec"], { scaleTargetRef: spec.scaleTargetRef, minReplicas: 2, maxReplicas: 5 });
  assert.deepEqual(old["status"], { currentReplicas: 0, desiredReplicas: 0 });
  assert.deepEqual(toStorage?.(old), stored);
  const hostile = {
    ...old,
    metadata: { ...old.metadata, annotations: { "autoscaling.alpha.kubernetes.io/metrics": "{" } },
  };
  assert.doesNotThrow(() => toStorage?.(hostile as KubeObject));
});
