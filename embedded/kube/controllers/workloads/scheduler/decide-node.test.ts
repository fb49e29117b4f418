import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "../acting/object-types.ts";
import { pod } from "../testkit/objects.ts";
import { decideNode, type Occupied } from "./decide-node.ts";

interface NodeOptions {
  readonly labels?: Record<string, string>;
  readonly spec?: Node["spec"];
  readonly allocatable?: Record<string, string>;
  readonly ready?: string;
  readonly pods?: number;
  readonly requested?: ReadonlyMap<string, bigint>;
  readonly ports?: readonly string[];
}

function node(name: string, { labels = {}, spec, allocatable, ready = "True", ...more }: NodeOptions = {}): Occupied {
  return {
    node: {
      kind: "Node",
      apiVersion: "v1",
      metadata: { name, labels },
      ...(spec === undefined ? {} : { spec }),
      status: {
        conditions: [{ type: "Ready", status: ready }],
        ...(allocatable === undefined ? {} : { allocatable }),
      },
    },
    pods: more.pods ?? 0,
    requested: more.requested ?? new Map(),
    ports: new Set(more.ports ?? []),
  };
}

function place(spec: Pod["spec"], nodes: readonly Occupied[]): string {
  const placement = decideNode(pod("p", { spec: { ...spec } }) as Pod, nodes);
  return "node" in placement ? placement.node : placement.unschedulable;
}

const dedicated = { taints: [{ key: "dedicated", value: "db", effect: "NoSchedule" }] };
const tail = (count: number) =>
  `preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`;

test("decideNode() takes the node with the fewest pods, and the first by name of equals", () => {
  assert.equal(place({}, [node("c", { pods: 1 }), node("b", { pods: 1 }), node("a", { pods: 2 })]), "b");
});

test("decideNode() keeps to nodeSelector and required node affinity", () => {
  const nodes = [
    node("a", { labels: { disk: "hdd", gen: "3" } }),
    node("b", { labels: { disk: "ssd", gen: "5" }, pods: 9 }),
  ];
  assert.equal(place({ nodeSelector: { disk: "ssd" } }, nodes), "b");
  const affinity = (term: object) => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
  });
  const gen = (operator: string, ...values: string[]) =>
    affinity({ matchExpressions: [{ key: "gen", operator, values }] });
  assert.equal(place(gen("Gt", "4"), nodes), "b");
  assert.equal(place(gen("NotIn", "3"), nodes), "b");
  const byName = affinity({ matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] });
  assert.equal(place(byName, nodes), "b");
  assert.equal(
    place(affinity({}), nodes),
    `0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${tail(2)}`,
  );
});

test("decideNode() keeps away from taints that the pod does not tolerate", () => {
  const nodes = [node("a", { spec: dedicated }), node("b", { pods: 5 })];
  assert.equal(place({}, nodes), "b");
  const tolerated = (toleration: object) => place({ tolerations: [toleration] }, nodes);
  assert.equal(tolerated({ key: "dedicated", operator: "Equal", value: "db", effect: "NoSchedule" }), "a");
  assert.equal(tolerated({ key: "dedicated", operator: "Equal", value: "web" }), "b");
  assert.equal(tolerated({ key: "dedicated", operator: "Exists" }), "a");
  assert.equal(tolerated({ operator: "Exists", effect: "NoExecute" }), "b");
  assert.equal(tolerated({ operator: "Exists" }), "a");
});

test("decideNode() says what is wrong with every node", () => {
  assert.equal(place({}, []), "no nodes available to schedule pods");
  const nodes = [
    node("a", { spec: dedicated }),
    node("b", { spec: { unschedulable: true } }),
    node("c", { ready: "Unknown" }),
    node("d", { allocatable: { cpu: "1", pods: "1" }, pods: 1 }),
  ];
  assert.equal(
    place({ containers: [{ name: "main", resources: { requests: { cpu: "1500m" } } }] }, nodes),
    `0/4 nodes are available: 1 Insufficient cpu, 1 Too many pods, 1 node(s) had untolerated taint {dedicated: db}, 1 node(s) were not ready, 1 node(s) were unschedulable. ${tail(4)}`,
  );
});

test("decideNode() counts requests and ports of the node", () => {
  const half = new Map([["memory", 512n * 1024n * 1024n * 1_000_000_000n]]);
  const nodes = [node("a", { allocatable: { memory: "1Gi", cpu: "4" }, requested: half }), node("b", { pods: 9 })];
  const wanting = (memory: string) =>
    place({ containers: [{ name: "main", resources: { requests: { memory } } }] }, nodes);
  assert.equal(wanting("512Mi"), "a");
  assert.equal(wanting("513Mi"), "b");
  const web = { containers: [{ name: "main", ports: [{ containerPort: 80, hostPort: 80, protocol: "TCP" }] }] };
  assert.equal(place(web, [node("a", { ports: ["TCP/80"] }), node("b", { pods: 9 })]), "b");
  assert.equal(place(web, [node("a", { ports: ["UDP/80"] }), node("b", { pods: 9 })]), "a");
});

test("decideNode() counts an init container where it needs more than what runs later, and sidecars to both", () => {
  const cpu = (amount: string, more: object = {}) => ({ name: "c", resources: { requests: { cpu: amount } }, ...more });
  const fits = (size: string, spec: Pod["spec"]) => place(spec, [node("a", { allocatable: { cpu: size } })]) === "a";
  const large = { initContainers: [cpu("3")], containers: [cpu("1"), cpu("1")] };
  assert.deepEqual([fits("3", large), fits("2900m", large)], [true, false]);
  const sidecar = { initContainers: [cpu("1", { restartPolicy: "Always" }), cpu("3")], containers: [cpu("1")] };
  assert.deepEqual([fits("4", sidecar), fits("3999m", sidecar)], [true, false]);
});
