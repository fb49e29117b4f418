import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { kindBehaviour } from "../kind-table.ts";
import { created, createProblems, part, updated, updateProblems } from "../testkit/judge.ts";

const DEPLOYMENT = "apps/v1.Deployment";
const LABELS = { app: "web" };

function workload(spec: Record<string, unknown> = {}, podSpec: Record<string, unknown> = {}): Record<string, unknown> {
  const template = {
    metadata: { labels: LABELS },
    spec: { containers: [{ name: "main", image: "registry.example/app:1" }], ...podSpec },
  };
  return { spec: { selector: { matchLabels: LABELS }, template, ...spec } };
}

test("a deployment is filled up", () => {
  const { template, selector, ...rest } = part(created(DEPLOYMENT, workload()), "spec");
  assert.deepEqual(selector, { matchLabels: LABELS });
  assert.deepEqual(rest, {
    replicas: 1,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  assert.deepEqual((template as { spec: { enableServiceLinks?: boolean } }).spec.enableServiceLinks, undefined);
});

test("a deployment needs a selector that its template matches", () => {
  assert.deepEqual(createProblems(DEPLOYMENT, { spec: {} }), [
    "spec.selector: Required value",
    "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
    "spec.template.spec.containers: Required value",
  ]);
  assert.deepEqual(createProblems(DEPLOYMENT, workload({ selector: { matchLabels: { app: "other" } } })), [
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ]);
});

test("a deployment: numbers and strategies", () => {
  const numbers = {
    replicas: -1,
    minReadySeconds: -1,
    revisionHistoryLimit: -1,
    progressDeadlineSeconds: 0,
    strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } },
  };
  assert.deepEqual(createProblems(DEPLOYMENT, workload(numbers, { restartPolicy: "Never" })), [
    "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
    "spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0",
  ]);
  assert.deepEqual(createProblems(DEPLOYMENT, workload({ strategy: { type: "Swap" } })), [
    'spec.strategy: Unsupported value: {"Type":"Swap","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
  ]);
  assert.deepEqual(
    createProblems(DEPLOYMENT, workload({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })),
    ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"],
  );
});

test("selectors never change; annotations count as a change of a deployment", () => {
  const old = created(DEPLOYMENT, workload());
  old.metadata.generation = 3;
  const more = { ...LABELS, more: "x" };
  assert.deepEqual(
    updateProblems(DEPLOYMENT, old, (next) => {
      part(next, "spec")["selector"] = { matchLabels: more };
      ((part(next, "spec")["template"] as KubeObject).metadata as { labels: unknown }).labels = more;
    }),
    ['spec.selector: Invalid value: {"matchLabels":{"app":"web","more":"x"}}: field is immutable'],
  );
  const annotated = updated(DEPLOYMENT, old, (next) => {
    next.metadata.annotations = { a: "b" };
  });
  assert.equal(annotated.metadata.generation, 4);
});

test("the status of a deployment has to add up", () => {
  const old = created(DEPLOYMENT, workload());
  const next = { ...old, status: { replicas: 1, availableReplicas: 2, readyReplicas: -1 } } as KubeObject;
  assert.deepEqual(kindBehaviour(DEPLOYMENT).validateStatusUpdate?.(next, old).map(fieldErrorText), [
    "status.readyReplicas: Invalid value: -1: must be greater than or equal to 0",
    "status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas",
    "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas",
  ]);
});

test("a daemon set counts the changes of its template", () => {
  const DAEMONS = "apps/v1.DaemonSet";
  const old = created(DAEMONS, workload());
  assert.deepEqual(old.metadata.annotations, { "deprecated.daemonset.template.generation": "1" });
  assert.deepEqual(part(old, "spec")["updateStrategy"], {
    type: "RollingUpdate",
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
  });
  const next = updated(DAEMONS, old, (object) => {
    delete object.metadata.annotations;
    (part(object, "spec")["template"] as KubeObject).metadata = { labels: LABELS, annotations: { v: "2" } };
  });
  assert.deepEqual(next.metadata.annotations, { "deprecated.daemonset.template.generation": "2" });
  const strategy = { rollingUpdate: { maxUnavailable: 0 } };
  assert.deepEqual(createProblems(DAEMONS, workload({ updateStrategy: strategy }, { activeDeadlineSeconds: 5 })), [
    "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported",
    "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
  ]);
});

test("a stateful set is filled up, its claims too", () => {
  const SETS = "apps/v1.StatefulSet";
  const claim = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } };
  const old = created(SETS, workload({ serviceName: "db", volumeClaimTemplates: [claim] }));
  const { template, selector, volumeClaimTemplates, ...rest } = part(old, "spec");
  assert.ok(template !== undefined && selector !== undefined);
  assert.deepEqual(volumeClaimTemplates, [
    {
      kind: "PersistentVolumeClaim",
      apiVersion: "v1",
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: {}, volumeMode: "Filesystem" },
      status: { phase: "Pending" },
    },
  ]);
  assert.deepEqual(rest, {
    replicas: 1,
    serviceName: "db",
    podManagementPolicy: "OrderedReady",
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
  });
  assert.deepEqual(old["status"], { replicas: 0, availableReplicas: 0 });
  const [problem] = updateProblems(SETS, old, (next) => {
    part(next, "spec")["serviceName"] = "other";
  });
  assert.match(String(problem), /^spec: Forbidden: updates to statefulset spec for fields other than/);
});

test("a replication controller takes selector and labels from its template", () => {
  const { selector: _, ...spec } = (workload() as { spec: Record<string, unknown> }).spec;
  const object = created("core/v1.ReplicationController", { spec });
  assert.deepEqual(part(object, "spec")["selector"], LABELS);
  assert.deepEqual(object.metadata.labels, LABELS);
});
