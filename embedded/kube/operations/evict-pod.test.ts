import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { createInternal } from "../controllers/create-internal.ts";
import { createKube } from "../create-kube.ts";
import { rewriteStored } from "../store/rewrite.ts";
import { bindPod } from "./bind-pod.ts";
import { evictPod } from "./evict-pod.ts";

const CALLER = { user: { username: "admin", groups: ["system:masters"] }, userAgent: "test", warn: () => undefined };

async function start(t: { after(done: () => Promise<void>): void }) {
  const kube = await createKube({ controllers: false });
  t.after(() => kube.stop());
  const { context } = kube;
  const pod = (name: string, status: unknown, labels = { app: "web" }) =>
    createInternal(context, "pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", labels },
      spec: { nodeName: "n", containers: [{ name: "main", image: "x" }] },
      status,
    } as KubeObject);
  const budget = (name: string, status: unknown, spec = {}) =>
    createInternal(context, "poddisruptionbudgets.policy", {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name, namespace: "default", generation: 1 },
      spec: { selector: { matchLabels: { app: "web" } }, ...spec },
      status: { observedGeneration: 1, ...(status as object) },
    } as KubeObject);
  const evict = (name: string, dryRun = false) =>
    evictPod(context, { namespace: "default", pod: name, options: { dryRun }, caller: CALLER as never });
  const object = (bucket: string, name: string) => context.store.latest(bucket, `default/${name}`)?.object;
  return { kube, context, pod, budget, evict, object };
}

const RUNNING = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };

async function refusal(work: Promise<unknown>) {
  const error = await work.then(
    () => assert.fail("it was not refused"),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof StatusError);
  return error.status;
}

test("an eviction spends one disruption of the budget and notes which pod it was for", async (t) => {
  const { pod, budget, evict, object } = await start(t);
  await pod("a", RUNNING);
  await budget("web", { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 });
  await evict("a");
  const status = object("poddisruptionbudgets.policy", "web")?.["status"] as Record<string, unknown>;
  assert.equal(status["disruptionsAllowed"], 0);
  assert.deepEqual(Object.keys(status["disruptedPods"] as object), ["a"]);
  assert.equal(object("pods", "a")?.metadata.deletionGracePeriodSeconds, 30);
});

test("of two evictions at once only as many pass as the budget allows", async (t) => {
  const { pod, budget, evict } = await start(t);
  for (const name of ["a", "b", "c", "d"]) await pod(name, RUNNING);
  await budget("web", { disruptionsAllowed: 2, currentHealthy: 4, desiredHealthy: 2 });
  const outcomes = await Promise.allSettled(["a", "b", "c", "d"].map((name) => evict(name)));
  assert.equal(outcomes.filter((o) => o.status === "fulfilled").length, 2);
});

test("a spent budget refuses with 429 and says what it needs", async (t) => {
  const { pod, budget, evict, object } = await start(t);
  await pod("a", RUNNING);
  await budget("web", { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 });
  const status = await refusal(evict("a"));
  assert.equal(status.code, 429);
  assert.equal(status.message, "Cannot evict pod as it would violate the pod's disruption budget.");
  assert.deepEqual(status.details?.causes, [
    { reason: "DisruptionBudget", message: "The disruption budget web needs 1 healthy pods and has 1 currently" },
  ]);
  assert.equal(object("pods", "a")?.metadata.deletionTimestamp, undefined);
});

test("a budget that has not been counted yet refuses, with the time to wait", async (t) => {
  const { pod, budget, evict } = await start(t);
  await pod("a", RUNNING);
  await budget("web", { observedGeneration: 0, disruptionsAllowed: 5 });
  const status = await refusal(evict("a"));
  assert.deepEqual([status.code, status.details?.retryAfterSeconds], [429, 10]);
});

test("two budgets over one pod are refused; other labels and pods that never started are free", async (t) => {
  const { pod, budget, evict } = await start(t);
  await pod("a", RUNNING);
  await pod("other", RUNNING, { app: "db" });
  await pod("pending", { phase: "Pending" });
  await budget("one", { disruptionsAllowed: 0 });
  await budget("two", { disruptionsAllowed: 0 });
  assert.match((await refusal(evict("a"))).message ?? "", /more than one PodDisruptionBudget/);
  await evict("other");
  await evict("pending");
});

test("a pod that is not ready may go where the budget is met without it, or says AlwaysAllow", async (t) => {
  const { context, pod, budget, evict, object } = await start(t);
  const unready = { phase: "Running", conditions: [{ type: "Ready", status: "False" }] };
  await pod("a", unready);
  await pod("b", unready);
  await budget("web", { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 2 });
  assert.equal((await refusal(evict("a"))).code, 429);
  await rewriteStored(context.store, "poddisruptionbudgets.policy", "default/web", (live) => ({
    ...live,
    spec: { ...(live["spec"] as object), unhealthyPodEvictionPolicy: "AlwaysAllow" },
  }));
  await evict("a");
  assert.notEqual(object("pods", "a")?.metadata.deletionTimestamp, undefined);
});

test("a dry run takes nothing from the budget and leaves the pod as it is", async (t) => {
  const { pod, budget, evict, object } = await start(t);
  await pod("a", RUNNING);
  await budget("web", { disruptionsAllowed: 1 });
  const before = object("pods", "a");
  await evict("a", true);
  assert.equal(
    (object("poddisruptionbudgets.policy", "web")?.["status"] as Record<string, unknown> | undefined)?.[
      "disruptionsAllowed"
    ],
    1,
  );
  assert.deepEqual(object("pods", "a"), before);
});

test("a webhook that guards evictions is asked, and while it is away nothing is evicted", async (t) => {
  const { kube, pod, object } = await start(t);
  const client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "test" });
  t.after(async () => client.close());
  await pod("guarded", RUNNING);
  await client.request("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {
    method: "POST",
    body: {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "guard" },
      webhooks: [
        {
          name: "guard.example.com",
          clientConfig: { url: "https://127.0.0.1:1/" },
          rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods/eviction"], operations: ["CREATE"] }],
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
          timeoutSeconds: 1,
        },
      ],
    },
  });
  const asked = client.request("/api/v1/namespaces/default/pods/guarded/eviction", {
    method: "POST",
    body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "guarded" } },
  });
  assert.match((await refusal(asked)).message ?? "", /failed calling webhook "guard\.example\.com"/);
  assert.equal(object("pods", "guarded")?.metadata.deletionTimestamp, undefined);
});

test("a pod gets one node: of many binds at once one passes", async (t) => {
  const { context, object } = await start(t);
  await createInternal(context, "pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default" },
    spec: { containers: [] },
  } as KubeObject);
  const bind = (node: string) => bindPod(context, { namespace: "default", pod: "p", node, dryRun: false });
  const outcomes = await Promise.allSettled(["n1", "n2", "n3"].map(bind));
  assert.equal(outcomes.filter((o) => o.status === "fulfilled").length, 1);
  const node = (object("pods", "p")?.["spec"] as { nodeName?: string } | undefined)?.nodeName;
  const status = await refusal(bind("n4"));
  assert.equal(
    status.message,
    `Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "${node}"`,
  );
});
