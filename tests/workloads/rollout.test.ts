// What people do with workloads, through kubectl: a kubelet is played by saying that pods run.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import { Informer } from "@holdfast/runtime/kube/informer";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { SILENT } from "@holdfast/runtime/log/logger";
import { eventually } from "@holdfast/runtime/testkit/eventually";
import { tool } from "../tools/client-tools.ts";
import { runClient } from "../tools/run-client.ts";

const PODS = { group: "", version: "v1", plural: "pods", kind: "Pod" };
const NODES = { group: "", version: "v1", plural: "nodes", kind: "Node" };
let kube: Kube;
let client: KubeClient;
let kubelet: Informer<KubeObject>;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-rollout-"));
  kube = await createKube();
  writeFileSync(join(folder, "kubeconfig"), kube.kubeconfig);
  client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "kubelet" });
  for (const name of ["n1", "n2"]) {
    await client.create(NODES, { apiVersion: "v1", kind: "Node", metadata: { name } });
    await client.patch(
      NODES,
      { name, subresource: "status" },
      merge({ conditions: [{ type: "Ready", status: "True" }] }),
    );
  }
  kubelet = new Informer<KubeObject>(client, PODS, { log: SILENT });
  kubelet.subscribe(({ type, object }) => {
    if (type !== "deleted") void run(object).catch(() => undefined);
  });
  await kubelet.start();
});

after(async () => {
  await kubelet.stop();
  client.close();
  await kube.stop();
  rmSync(folder, { recursive: true, force: true });
});

function merge(status: unknown) {
  return { type: "application/merge-patch+json", body: { status } } as const;
}

/** Runs a pod that has a node: a Job's ends well, all others stay; one that is being deleted goes. */
async function run(pod: KubeObject): Promise<void> {
  const { name = "", namespace = "", deletionTimestamp } = pod.metadata;
  const spec = pod["spec"] as { nodeName?: string; restartPolicy?: string; containers: { image: string }[] };
  const status = pod["status"] as { phase?: string };
  if (spec.nodeName === undefined) return;
  if (deletionTimestamp !== undefined) {
    await client.delete(PODS, name, namespace, { gracePeriodSeconds: 0 });
    return;
  }
  if (status.phase !== "Pending" || spec.containers[0]?.image === "broken") return;
  const ends = spec.restartPolicy !== "Always";
  await client.patch(
    PODS,
    { name, namespace, subresource: "status" },
    merge({
      phase: ends ? "Succeeded" : "Running",
      podIP: "10.0.0.9",
      conditions: [{ type: "Ready", status: ends ? "False" : "True" }],
    }),
  );
}

async function kubectl(args: readonly string[]): Promise<string> {
  const outcome = await runClient(tool("kubectl-1.34"), [
    "--kubeconfig",
    join(folder, "kubeconfig"),
    "--cache-dir",
    join(folder, "cache"),
    ...args,
  ]);
  assert.equal(outcome.code, 0, `${args.join(" ")}: ${outcome.stderr}`);
  return outcome.stdout;
}

test("a deployment is rolled out, changed, undone and scaled, and kubectl rollout says so", async () => {
  await kubectl(["create", "deployment", "web", "--image", "one", "--replicas", "3"]);
  assert.match(await kubectl(["rollout", "status", "deployment/web", "--timeout", "20s"]), /successfully rolled out/);
  await kubectl(["set", "image", "deployment/web", "one=two"]);
  assert.match(await kubectl(["rollout", "status", "deployment/web", "--timeout", "20s"]), /successfully rolled out/);
  assert.deepEqual((await kubectl(["rollout", "history", "deployment/web"])).match(/^\d+/gm), ["1", "2"]);
  await kubectl(["rollout", "undo", "deployment/web"]);
  await kubectl(["rollout", "status", "deployment/web", "--timeout", "20s"]);
  assert.equal(
    await kubectl(["get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.containers[0].image}"]),
    "one one one",
  );
  await kubectl(["scale", "deployment/web", "--replicas", "1"]);
  await kubectl(["rollout", "status", "deployment/web", "--timeout", "20s"]);
  await kubectl(["rollout", "restart", "deployment/web"]);
  await kubectl(["rollout", "status", "deployment/web", "--timeout", "20s"]);
  await kubectl(["wait", "deployment/web", "--for", "condition=Available", "--timeout", "20s"]);
});

test("a rollout to what never runs keeps the old pods, and is late after its deadline", async () => {
  await kubectl(["create", "deployment", "late", "--image", "one", "--replicas", "2"]);
  await kubectl(["rollout", "status", "deployment/late", "--timeout", "20s"]);
  await kubectl(["patch", "deployment", "late", "-p", '{"spec":{"progressDeadlineSeconds":1}}']);
  await kubectl(["set", "image", "deployment/late", "one=broken"]);
  const late = await eventually(async () => {
    const reason = await kubectl([
      "get",
      "deployment",
      "late",
      "-o",
      "jsonpath={.status.conditions[?(@.type=='Progressing')].reason}",
    ]);
    return reason === "ProgressDeadlineExceeded" ? reason : undefined;
  }, "the rollout is late");
  assert.equal(late, "ProgressDeadlineExceeded");
  assert.equal(await kubectl(["get", "deployment", "late", "-o", "jsonpath={.status.readyReplicas}"]), "2");
});

test("a service of a deployment has the addresses of its pods", async () => {
  await kubectl(["create", "deployment", "api", "--image", "one"]);
  await kubectl(["expose", "deployment", "api", "--port", "80"]);
  await eventually(async () => {
    const address = await kubectl([
      "get",
      "endpointslices",
      "-l",
      "kubernetes.io/service-name=api",
      "-o",
      "jsonpath={.items[*].endpoints[*].addresses[*]}",
    ]);
    return address === "10.0.0.9" ? true : undefined;
  }, "the address is in the slice");
});

test("a job and a cron job's job run to their end", async () => {
  await kubectl(["create", "job", "once", "--image", "one", "--", "true"]);
  await kubectl(["wait", "job/once", "--for", "condition=Complete", "--timeout", "20s"]);
  await kubectl(["create", "cronjob", "often", "--image", "one", "--schedule", "*/5 * * * *", "--", "true"]);
  await kubectl(["create", "job", "now", "--from", "cronjob/often"]);
  await kubectl(["wait", "job/now", "--for", "condition=Complete", "--timeout", "20s"]);
});

test("a node is drained: its pods go to the other one, within the budget", async () => {
  await kubectl(["create", "deployment", "spread", "--image", "one", "--replicas", "4"]);
  await kubectl(["rollout", "status", "deployment/spread", "--timeout", "20s"]);
  await kubectl(["create", "poddisruptionbudget", "spread", "--selector", "app=spread", "--min-available", "3"]);
  await kubectl(["drain", "n1", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout", "30s", "--force"]);
  await kubectl(["rollout", "status", "deployment/spread", "--timeout", "20s"]);
  const nodes = await kubectl(["get", "pods", "-l", "app=spread", "-o", "jsonpath={.items[*].spec.nodeName}"]);
  assert.equal(nodes, "n2 n2 n2 n2");
  await kubectl(["uncordon", "n1"]);
});

test("a deployment that is deleted takes its pods along", async () => {
  await kubectl(["delete", "deployment", "web", "spread", "api", "late", "--timeout", "20s"]);
  await eventually(async () => {
    const left = await kubectl(["get", "pods", "-l", "app in (web,spread,api,late)", "-o", "name"]);
    return left === "" ? true : undefined;
  }, "the pods are gone");
});
