import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionOf } from "../acting/conditions.ts";
import type { ReplicaSet } from "../acting/object-types.ts";
import { template, workload } from "../testkit/objects.ts";
import { type DeploymentPlan, decideRollout } from "./decide-rollout.ts";
import type { Deployment, DeploymentStatus } from "./deployment-types.ts";

const START = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number) => ({
  nowMs: START + seconds * 1000,
  now: new Date(START + seconds * 1000).toISOString(),
});
const ROLLING = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };

function deployment(
  spec: object = {},
  more: { status?: DeploymentStatus; annotations?: Record<string, string> } = {},
): Deployment {
  const made = workload("Deployment", "web", { replicas: 2, strategy: ROLLING, progressDeadlineSeconds: 60, ...spec });
  made.metadata.generation = 3;
  made.metadata.uid = "uid-web";
  if (more.annotations !== undefined) made.metadata.annotations = more.annotations;
  return { ...made, status: more.status ?? {} } as Deployment;
}

function set(
  name: string,
  image: string,
  replicas: number,
  more: { status?: object; annotations?: Record<string, string> } = {},
): ReplicaSet {
  const labels = { app: "web", "pod-template-hash": name };
  const made = workload("ReplicaSet", name, {
    replicas,
    template: { ...template(labels), spec: { containers: [{ name: "main", image }] } },
  });
  made.metadata.uid = `uid-${name}`;
  made.metadata.generation = 1;
  made.metadata.creationTimestamp = `2026-01-01T00:00:0${name.length}Z`;
  made.metadata.annotations = {
    "deployment.kubernetes.io/revision": "1",
    "deployment.kubernetes.io/desired-replicas": "2",
    "deployment.kubernetes.io/max-replicas": "3",
    ...more.annotations,
  };
  const status = {
    replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    observedGeneration: 1,
    ...more.status,
  };
  return { ...made, status } as ReplicaSet;
}

function decide(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  seconds = 0,
  running: readonly string[] = [],
): DeploymentPlan {
  return decideRollout({ deployment, sets, running: new Set(running) }, at(seconds));
}

const steps = (plan: DeploymentPlan) =>
  plan.change.map((change) => `${change.set.metadata.name} ${change.replicas ?? "="}`);
const progress = (plan: DeploymentPlan) => {
  const condition = conditionOf(plan.status.conditions, "Progressing");
  return condition === undefined ? undefined : `${condition.status} ${condition.reason}`;
};

test("decideRollout() makes the first set with all replicas, at revision 1", () => {
  const plan = decide(deployment({}, { annotations: { note: "mine" } }), []);
  assert.equal(plan.create?.replicas, 2);
  assert.deepEqual(plan.create?.annotations, {
    note: "mine",
    "deployment.kubernetes.io/revision": "1",
    "deployment.kubernetes.io/desired-replicas": "2",
    "deployment.kubernetes.io/max-replicas": "3",
  });
  assert.equal(plan.revision, "1");
});

test("decideRollout() starts a rolling update with one pod of surge, and goes on as pods become available", () => {
  const old = set("old", "app:0", 2);
  assert.equal(decide(deployment(), [old]).create?.replicas, 1);
  const second = { "deployment.kubernetes.io/revision": "2" };
  assert.deepEqual(
    steps(
      decide(deployment(), [old, set("newer", "app:1", 1, { annotations: second, status: { availableReplicas: 0 } })]),
    ),
    [],
  );
  assert.deepEqual(steps(decide(deployment(), [old, set("newer", "app:1", 1, { annotations: second })])), ["old 1"]);
  assert.deepEqual(
    steps(decide(deployment(), [set("old", "app:0", 1), set("newer", "app:1", 1, { annotations: second })])),
    ["newer 2"],
  );
});

test("decideRollout() makes an old set the current one again when its template comes back, and remembers its revisions", () => {
  const first = set("first", "app:1", 0);
  const second = set("second", "app:2", 2, { annotations: { "deployment.kubernetes.io/revision": "2" } });
  const plan = decide(deployment(), [first, second]);
  assert.deepEqual(steps(plan), ["first 1"]);
  const annotations = plan.change[0]?.annotations;
  assert.equal(annotations?.["deployment.kubernetes.io/revision"], "3");
  assert.equal(annotations?.["deployment.kubernetes.io/revision-history"], "1");
  assert.equal(plan.revision, "3");
});

test("decideRollout() scales first when the number of replicas changed, also when paused", () => {
  const current = set("newer", "app:1", 2);
  const grown = decide(deployment({ replicas: 4 }), [current]);
  assert.deepEqual(steps(grown), ["newer 4"]);
  assert.equal(grown.change[0]?.annotations["deployment.kubernetes.io/desired-replicas"], "4");
  const paused = decide(deployment({ paused: true, replicas: 3 }), [set("old", "app:0", 2)]);
  assert.deepEqual(steps(paused), ["old 3"]);
  assert.equal(paused.create, undefined);
});

test("decideRollout() with Recreate starts nothing before the last old pod has ended", () => {
  const recreate = deployment({ strategy: { type: "Recreate" } });
  assert.deepEqual(steps(decide(recreate, [set("old", "app:0", 2)])), ["old 0"]);
  const empty = set("old", "app:0", 0);
  assert.equal(decide(recreate, [empty], 0, ["uid-old"]).create, undefined);
  assert.equal(decide(recreate, [empty]).create?.replicas, 2);
});

test("decideRollout() tells progress, completion and lateness", () => {
  const noted = (reason: string, seconds: number): DeploymentStatus => ({
    replicas: 3,
    updatedReplicas: 1,
    readyReplicas: 2,
    availableReplicas: 2,
    conditions: [
      { type: "Progressing", status: "True", reason, lastUpdateTime: at(seconds).now, lastTransitionTime: at(0).now },
    ],
  });
  const half = [
    set("old", "app:0", 2),
    set("newer", "app:1", 1, { status: { readyReplicas: 0, availableReplicas: 0 } }),
  ];
  const waiting = decide(deployment({}, { status: noted("ReplicaSetUpdated", 0) }), half, 30);
  assert.equal(progress(waiting), "True ReplicaSetUpdated");
  assert.equal(waiting.againMs, 31_000);
  const late = decide(deployment({}, { status: noted("ReplicaSetUpdated", 0) }), half, 61);
  assert.equal(progress(late), "False ProgressDeadlineExceeded");
  assert.equal(
    conditionOf(late.status.conditions, "Progressing")?.message,
    'ReplicaSet "newer" has timed out progressing.',
  );
  assert.equal(late.againMs, undefined);
  const moved = decide(
    deployment({}, { status: noted("NewReplicaSetCreated", 0) }),
    [half[0] as ReplicaSet, set("newer", "app:1", 1)],
    50,
  );
  assert.equal(progress(moved), "True ReplicaSetUpdated");
  assert.equal(conditionOf(moved.status.conditions, "Progressing")?.lastUpdateTime, at(50).now);
  assert.equal(conditionOf(moved.status.conditions, "Progressing")?.lastTransitionTime, at(0).now);
  const done = decide(
    deployment({}, { status: noted("ReplicaSetUpdated", 0) }),
    [set("old", "app:0", 0), set("newer", "app:1", 2)],
    90,
  );
  assert.equal(progress(done), "True NewReplicaSetAvailable");
  assert.equal(
    conditionOf(done.status.conditions, "Progressing")?.message,
    'ReplicaSet "newer" has successfully progressed.',
  );
  assert.equal(conditionOf(done.status.conditions, "Available")?.reason, "MinimumReplicasAvailable");
});

test("decideRollout() forgets sets beyond the limit of the history when it is complete, the oldest revisions first", () => {
  const revision = (number: number) => ({ annotations: { "deployment.kubernetes.io/revision": String(number) } });
  const sets = [
    set("current", "app:1", 2, revision(4)),
    set("c", "app:c", 0, revision(3)),
    set("bb", "app:b", 0, revision(1)),
    set("aaa", "app:a", 0, revision(2)),
  ];
  const plan = decide(deployment({ revisionHistoryLimit: 1 }), sets);
  assert.deepEqual(
    plan.forget.map((old) => old.metadata.name),
    ["bb", "aaa"],
  );
});

test("decideRollout() notes that a deployment is paused, and that it goes on", () => {
  const current = set("newer", "app:1", 2);
  const paused = decide(deployment({ paused: true }), [current]);
  assert.equal(progress(paused), "Unknown DeploymentPaused");
  const resumed = decide(deployment({}, { status: paused.status }), [
    set("newer", "app:1", 2, { status: { availableReplicas: 1 } }),
  ]);
  assert.equal(progress(resumed), "Unknown DeploymentResumed");
});
