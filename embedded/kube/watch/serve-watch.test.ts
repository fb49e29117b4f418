// Watches over a real connection: large ones reach clients that read slowly, and each API group sees its own form of an object.
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { KubeClient, type ResourceRef } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { createKube, type Kube } from "../create-kube.ts";

const CONFIG_MAPS: ResourceRef = { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" };
const CORE_EVENTS: ResourceRef = { group: "", version: "v1", plural: "events", kind: "Event" };
const NEW_EVENTS: ResourceRef = { group: "events.k8s.io", version: "v1", plural: "events", kind: "Event" };

let kube: Kube;
let client: KubeClient;
before(async () => {
  kube = await createKube();
  client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "test" });
});
after(async () => {
  client.close();
  await kube.stop();
});

interface Line {
  readonly type: string;
  readonly object: KubeObject;
}

/** The reply to a GET, nothing of it read yet. */
function open(path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { ca: kube.caCert, ...kube.admin, agent: false as const };
    get(`${kube.server}${path}`, options, resolve).on("error", reject);
  });
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<Line> {
  for await (const line of createInterface({ input: response })) yield JSON.parse(line) as Line;
}

test("a state of more than 16 MiB reaches a client that is slow to read, changes made meanwhile included and in order", async () => {
  const count = 24;
  const data = { filler: "x".repeat(900_000) };
  for (let i = 0; i < count; i++)
    await client.create(CONFIG_MAPS, {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name: `large-${String(i).padStart(2, "0")}`, namespace: "default" },
      data,
    });
  const response = await open(
    "/api/v1/namespaces/default/configmaps?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
  );
  const merge = { type: "application/merge-patch+json", body: { data: { changed: "yes" } } } as const;
  await client.patch(CONFIG_MAPS, { name: "large-00", namespace: "default" }, merge);
  await client.delete(CONFIG_MAPS, "large-01", "default");
  const seen: string[] = [];
  for await (const { type, object } of linesOf(response)) {
    seen.push(`${type} ${object.metadata.name ?? object.metadata.annotations?.["k8s.io/initial-events-end"]}`);
    if (type === "DELETED") break;
  }
  response.destroy();
  assert.deepEqual(seen, [
    "ADDED kube-root-ca.crt",
    ...Array.from({ length: count }, (_, i) => `ADDED large-${String(i).padStart(2, "0")}`),
    "BOOKMARK true",
    "MODIFIED large-00",
    "DELETED large-01",
  ]);
});

test("an event written through events.k8s.io is one of core v1 to those who watch and read there, and stays one of its group to others", async () => {
  const [core, own] = await Promise.all([
    open("/api/v1/namespaces/default/events?watch=true"),
    open("/apis/events.k8s.io/v1/namespaces/default/events?watch=true"),
  ]);
  const [coreLines, ownLines] = [linesOf(core), linesOf(own)];
  const regarding = { kind: "Pod", namespace: "default", name: "p" };
  await client.create(NEW_EVENTS, {
    kind: "Event",
    apiVersion: "events.k8s.io/v1",
    metadata: { name: "e", namespace: "default" },
    eventTime: "2026-01-02T03:04:05.000000Z",
    reportingController: "example.com/c",
    reportingInstance: "c-0",
    action: "Binding",
    reason: "Bound",
    type: "Normal",
    regarding,
    note: "it is bound",
  });
  const asCore = (await coreLines.next()).value as Line;
  const asOwn = (await ownLines.next()).value as Line;
  core.destroy();
  own.destroy();
  assert.deepEqual([asCore.object.apiVersion, asCore.object["message"]], ["v1", "it is bound"]);
  assert.deepEqual(asCore.object["involvedObject"], regarding);
  assert.deepEqual([asOwn.object.apiVersion, asOwn.object["note"]], ["events.k8s.io/v1", "it is bound"]);
  const read = await client.get<KubeObject>(CORE_EVENTS, "e", "default");
  assert.deepEqual([read.apiVersion, read["message"], read["note"]], ["v1", "it is bound", undefined]);
  const again = await client.get<KubeObject>(NEW_EVENTS, "e", "default");
  assert.deepEqual([again.apiVersion, again["note"], again["message"]], ["events.k8s.io/v1", "it is bound", undefined]);
});
