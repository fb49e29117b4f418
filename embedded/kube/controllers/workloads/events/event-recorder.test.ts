import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { SILENT } from "@holdfast/runtime/log/logger";
import { createKube, type Kube } from "../../../create-kube.ts";
import { createHand, type Hand } from "../acting/hand.ts";
import { EventBudget } from "./event-budget.ts";
import { startEventExpiry } from "./event-expiry.ts";
import { createEventRecorder } from "./event-recorder.ts";

let kube: Kube;
let hand: Hand;
let about: KubeObject;
let now = Date.UTC(2026, 0, 1, 12);
before(async () => {
  kube = await createKube({ now: () => now, controllers: false });
  hand = createHand(kube.context, { controller: "tester" });
  about = await hand.create("configmaps", {
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata: { name: "thing", namespace: "default" },
  });
});
after(() => kube.stop());

const events = () => [...kube.context.store.bucket("events").range("")].map(([, stored]) => stored.object);

test("what is said twice is one event that counts, and others are events of their own", async () => {
  const recorder = createEventRecorder(kube.context, SILENT, "test-controller");
  recorder.normal(about, "Said", "hello");
  recorder.normal(about, "Said", "hello");
  recorder.warning(about, "Said", "hello");
  await recorder.settle();
  const said = events().map((event) => [event["type"], event["count"]]);
  assert.deepEqual(said.sort(), [
    ["Normal", 2],
    ["Warning", 1],
  ]);
  const [event] = events();
  assert.match(event?.metadata.name ?? "", /^thing\.[0-9a-f]{16}$/);
  assert.deepEqual(event?.["involvedObject"], {
    kind: "ConfigMap",
    apiVersion: "v1",
    name: "thing",
    namespace: "default",
    uid: about.metadata.uid,
    resourceVersion: about.metadata.resourceVersion,
  });
  assert.deepEqual(event?.["source"], { component: "test-controller" });
});

test("an event nobody can write does no harm", async () => {
  const recorder = createEventRecorder(kube.context, SILENT, "test-controller");
  recorder.normal({ ...about, metadata: { ...about.metadata, namespace: "nowhere" } }, "Said", "hello");
  await recorder.settle();
  assert.equal(
    events().some((event) => event.metadata.namespace === "nowhere"),
    false,
  );
});

test("events are deleted an hour after they were written last", async () => {
  assert.equal(events().length, 2);
  now += 3_600_001;
  const gone = new Promise<void>((resolve) => {
    const unsubscribe = kube.context.store.subscribe("events", () => {
      if (events().length > 0) return;
      unsubscribe();
      resolve();
    });
  });
  const stop = startEventExpiry(kube.context, SILENT);
  await gone;
  await stop();
});

test("EventBudget allows a burst for every object, then one every five minutes", () => {
  const budget = new EventBudget();
  const taken = (about: string, nowMs: number) =>
    Array.from({ length: 30 }, () => budget.take(about, nowMs)).filter(Boolean).length;
  assert.equal(taken("a", 0), 25);
  assert.equal(taken("b", 0), 25);
  assert.equal(taken("a", 299_999), 0);
  assert.equal(taken("a", 300_000), 1);
});
