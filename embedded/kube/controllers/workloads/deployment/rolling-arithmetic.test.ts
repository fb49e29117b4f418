import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReplicaSet } from "../acting/object-types.ts";
import { workload } from "../testkit/objects.ts";
import { DESIRED_REPLICAS, type Deployment, MAX_REPLICAS } from "./deployment-types.ts";
import { newSetSize, rollingLimits, type ScaleStep, scaleProportionally, shrinkOldSets } from "./rolling-arithmetic.ts";

type Limit = number | string;

function deployment(replicas: number, maxSurge: Limit = "25%", maxUnavailable: Limit = "25%"): Deployment {
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
  return workload("Deployment", "web", { replicas, strategy }) as Deployment;
}

let age = 0;
function set(
  name: string,
  replicas: number,
  more: { available?: number; desired?: number; max?: number } = {},
): ReplicaSet {
  const made = workload("ReplicaSet", name, { replicas }) as ReplicaSet;
  made.metadata.creationTimestamp = new Date(Date.UTC(2026, 0, 1) + ++age * 1000).toISOString();
  if (more.desired !== undefined) {
    made.metadata.annotations = { [DESIRED_REPLICAS]: String(more.desired), [MAX_REPLICAS]: String(more.max ?? 0) };
  }
  return { ...made, status: { replicas, availableReplicas: more.available ?? replicas } };
}

const told = (steps: readonly ScaleStep[]) => steps.map(({ set, to }) => `${set.metadata.name} ${to}`);

test("rollingLimits() rounds surge up and unavailability down, and never leaves both at nothing", () => {
  const rows: readonly [number, Limit, Limit, number, number][] = [
    [4, "25%", "25%", 1, 1],
    [3, "25%", "25%", 1, 0],
    [10, "25%", "25%", 3, 2],
    [10, 2, 20, 2, 10],
    [3, 0, "25%", 0, 1],
    [3, "0%", 0, 0, 1],
    [0, "25%", "25%", 0, 0],
  ];
  for (const [replicas, surge, unavailable, surgeWanted, unavailableWanted] of rows) {
    assert.deepEqual(
      rollingLimits(deployment(replicas, surge, unavailable)),
      { surge: surgeWanted, unavailable: unavailableWanted },
      `${replicas} ${surge} ${unavailable}`,
    );
  }
});

test("newSetSize() grows the new set as far as the surge allows", () => {
  const rows: readonly [old: number, size: number, expected: number][] = [
    [10, 0, 3],
    [8, 3, 5],
    [0, 5, 10],
    [10, 3, 3],
    [0, 12, 10],
  ];
  for (const [old, size, expected] of rows) {
    const all = [set("old", old), set("new", size)];
    assert.equal(newSetSize(deployment(10), all, size), expected, `${old} and ${size}`);
  }
});

test("shrinkOldSets() takes what is broken first, then what may be unavailable", () => {
  const step = (old: readonly ReplicaSet[], newSet: ReplicaSet) => told(shrinkOldSets(deployment(10), { old, newSet }));
  // 10 wanted, 8 must stay: two of the old may go before anything new is there.
  assert.deepEqual(step([set("a", 10)], set("n", 0)), ["a 8"]);
  // Three new ones are starting: they do not count.
  assert.deepEqual(step([set("a", 8)], set("n", 5, { available: 0 })), []);
  assert.deepEqual(step([set("a", 8)], set("n", 5, { available: 3 })), ["a 5"]);
  // Broken ones go first, whatever else; the rest of the room is for those that work.
  assert.deepEqual(step([set("a", 4), set("b", 6, { available: 2 })], set("n", 3, { available: 3 })), ["a 3", "b 2"]);
  assert.deepEqual(step([set("a", 0)], set("n", 10)), []);
});

test("scaleProportionally() gives everything to the only set", () => {
  const only = set("n", 4);
  assert.deepEqual(told(scaleProportionally(deployment(7), { old: [set("a", 0)], newSet: only })), ["n 7"]);
  assert.deepEqual(told(scaleProportionally(deployment(4), { old: [], newSet: only })), []);
  assert.deepEqual(told(scaleProportionally(deployment(2), { old: [set("a", 0), set("b", 0)], newSet: undefined })), [
    "b 2",
  ]);
});

test("scaleProportionally() shares growth and shrinkage by size in the middle of a rollout", () => {
  const before = { desired: 10, max: 13 };
  const sets = () => ({ old: [set("a", 8, before)], newSet: set("n", 5, before) });
  // 13 of 10 plus surge become 20 plus 5 of surge.
  assert.deepEqual(told(scaleProportionally(deployment(20), sets())), ["a 15", "n 10"]);
  assert.deepEqual(told(scaleProportionally(deployment(5), sets())), ["a 4", "n 3"]);
  assert.deepEqual(told(scaleProportionally(deployment(0), sets())), ["a 0", "n 0"]);
});

test("scaleProportionally() empties old sets once the new one has all it wants", () => {
  const newSet = set("n", 10, { desired: 10, max: 13 });
  assert.deepEqual(told(scaleProportionally(deployment(10), { old: [set("a", 2)], newSet })), ["a 0"]);
});
