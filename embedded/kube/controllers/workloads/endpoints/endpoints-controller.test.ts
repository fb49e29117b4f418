import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Pod } from "../acting/object-types.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";
import type { Slice } from "./decide-slices.ts";

const SLICES = "endpointslices.discovery.k8s.io";

let world: World;
before(async () => {
  world = await startWorld();
  await world.addNode("one", { "topology.kubernetes.io/zone": "north" });
});
after(() => world.stop());

function service(name: string, spec: object = {}): Promise<KubeObject> {
  return world.hand.create("services", {
    kind: "Service",
    apiVersion: "v1",
    metadata: { name, namespace: "default", labels: { tier: "front" } },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: "http" }], ...spec },
  });
}

async function pod(app: string, name: string, spec: object = {}): Promise<Pod> {
  const created = await world.hand.create("pods", {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name, namespace: "default", labels: { app } },
    spec: {
      nodeName: "one",
      containers: [{ name: "main", image: "app:1", ports: [{ name: "http", containerPort: 8080 }] }],
      ...spec,
    },
  });
  return created as Pod;
}

const slices = (name: string) => world.list<Slice>(SLICES, { "kubernetes.io/service-name": name });
const conditions = (name: string) =>
  slices(name)[0]?.endpoints?.[0]?.["conditions"] as
    | { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean }
    | undefined;

test("the endpoints of a service follow the readiness of its pods", async () => {
  const created = await service("web");
  const [empty] = await world.until("an empty slice", () => slices("web").length === 1 && slices("web"));
  assert.deepEqual(empty?.endpoints ?? [], []);
  assert.equal(empty?.metadata.ownerReferences?.[0]?.uid, created.metadata.uid);
  const first = await pod("web", "web-a");
  await world.phase(first, "Running", { podIP: "10.1.0.1", podIPs: [{ ip: "10.1.0.1" }] });
  const target = { kind: "Pod", namespace: "default", name: "web-a", uid: first.metadata.uid };
  const endpoints = await world.until("the endpoints", () => {
    const live = world.get<KubeObject>("endpoints", "default/web");
    return live?.["subsets"] !== undefined && live;
  });
  assert.deepEqual(endpoints["subsets"], [
    { addresses: [{ ip: "10.1.0.1", nodeName: "one", targetRef: target }], ports: [{ port: 8080, protocol: "TCP" }] },
  ]);
  assert.deepEqual(endpoints.metadata.labels, {
    tier: "front",
    "endpoints.kubernetes.io/managed-by": "endpoint-controller",
  });
  const [slice] = await world.until("the slice", () => slices("web")[0]?.endpoints?.length === 1 && slices("web"));
  assert.match(slice?.metadata.name ?? "", /^web-.{5}$/);
  assert.deepEqual(slice?.ports, [{ name: "", port: 8080, protocol: "TCP" }]);
  assert.deepEqual(slice?.endpoints, [
    {
      addresses: ["10.1.0.1"],
      conditions: { ready: true, serving: true, terminating: false },
      targetRef: target,
      nodeName: "one",
      zone: "north",
    },
  ]);
  await world.hand.changeStatus("pods", first, (live) => {
    const status = live["status"] as Record<string, unknown>;
    live["status"] = { ...status, conditions: [{ type: "Ready", status: "False" }] };
    return undefined;
  });
  await world.until("not ready", () => {
    const [subset] = (world.get<KubeObject>("endpoints", "default/web")?.["subsets"] ?? []) as Record<
      string,
      unknown
    >[];
    return subset?.["addresses"] === undefined && conditions("web")?.ready === false;
  });
  await world.phase(first, "Running");
  await world.hand.remove("pods", first);
  await world.until("terminating", () => {
    const own = conditions("web");
    return own?.terminating === true && own.serving && !own.ready;
  });
  assert.equal(world.get<KubeObject>("endpoints", "default/web")?.["subsets"], undefined);
  await world.hand.remove("services", created);
  await world.until(
    "all gone",
    () => slices("web").length === 0 && world.get("endpoints", "default/web") === undefined,
  );
});

test("a headless service without ports knows the names of its pods, ready or not where it asks for that", async () => {
  await service("db", { clusterIP: "None", ports: null, publishNotReadyAddresses: true });
  const first = await pod("db", "db-0", { hostname: "db-0", subdomain: "db" });
  await world.phase(first, "Pending", { podIP: "10.1.0.9", podIPs: [{ ip: "10.1.0.9" }] });
  const [slice] = await world.until("the slice", () => slices("db")[0]?.endpoints?.length === 1 && slices("db"));
  const [own] = slice?.endpoints ?? [];
  assert.equal(own?.["hostname"], "db-0");
  assert.deepEqual(own?.["conditions"], { ready: true, serving: false, terminating: false });
  assert.equal(slice?.metadata.labels?.["service.kubernetes.io/headless"], "");
  const endpoints = await world.until("the endpoints", () => {
    const live = world.get<KubeObject>("endpoints", "default/db");
    return live?.["subsets"] !== undefined && live;
  });
  const target = { kind: "Pod", namespace: "default", name: "db-0", uid: first.metadata.uid };
  assert.deepEqual(endpoints["subsets"], [
    { addresses: [{ ip: "10.1.0.9", hostname: "db-0", nodeName: "one", targetRef: target }] },
  ]);
});

test("Endpoints of a service without a selector are left to whoever writes them", async () => {
  await service("outside", { selector: null, ports: [{ port: 80 }] });
  const own = { addresses: [{ ip: "192.0.2.7" }], ports: [{ port: 80 }] };
  await world.hand.create("endpoints", {
    kind: "Endpoints",
    apiVersion: "v1",
    metadata: { name: "outside", namespace: "default" },
    subsets: [own],
  });
  // Judged after it: when it is there, the turn of the first is over.
  await service("marker");
  await world.until("the marker", () => world.get("endpoints", "default/marker") !== undefined);
  const endpoints = world.get<KubeObject>("endpoints", "default/outside") as KubeObject;
  const [subset] = endpoints["subsets"] as { addresses: unknown }[];
  assert.deepEqual(subset?.addresses, [{ ip: "192.0.2.7" }]);
  assert.equal(slices("outside").length, 0);
});
