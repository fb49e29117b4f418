import { conditionOf } from "../acting/conditions.ts";
import type { Node, Pod } from "../acting/object-types.ts";
import { matchesNodeWish } from "../nodes/node-affinity.ts";
import { KEEPS_AWAY, untolerated } from "../nodes/taints.ts";
import { type Amounts, amounts, requestsOf } from "./requests.ts";

/** A node and what runs on it. */
export interface Occupied {
  readonly node: Node;
  /** Pods that have not finished. */
  readonly pods: number;
  /** What they request together. */
  readonly requested: Amounts;
  /** Ports of the node that they take: `TCP/8080`. */
  readonly ports: ReadonlySet<string>;
}

export type Placement =
  | { readonly node: string }
  /** Why none fits, in the words of the scheduler. */
  | { readonly unschedulable: string };

const ONE_POD = 1_000_000_000n;
const UNSCHEDULABLE = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** The node for a pod: of those that fit, the one with the fewest pods; names decide between equals. */
export function decideNode(pod: Pod, nodes: readonly Occupied[]): Placement {
  if (nodes.length === 0) return { unschedulable: "no nodes available to schedule pods" };
  const reasons = new Map<string, number>();
  let best: Occupied | undefined;
  for (const candidate of nodes) {
    const problems = nodeProblems(pod, candidate);
    for (const problem of problems) reasons.set(problem, (reasons.get(problem) ?? 0) + 1);
    if (problems.length === 0 && (best === undefined || isBetter(candidate, best))) best = candidate;
  }
  if (best !== undefined) return { node: best.node.metadata.name as string };
  const listed = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  const head = `0/${nodes.length} nodes are available`;
  const preemption = `preemption: ${head}: ${nodes.length} Preemption is not helpful for scheduling.`;
  return { unschedulable: `${head}: ${listed.join(", ")}. ${preemption}` };
}

function isBetter(a: Occupied, b: Occupied): boolean {
  if (a.pods !== b.pods) return a.pods < b.pods;
  return (a.node.metadata.name as string) < (b.node.metadata.name as string);
}

/** Why a pod cannot run on a node; empty when it can. */
function nodeProblems(pod: Pod, { node, pods, requested, ports }: Occupied): string[] {
  if (node.spec?.unschedulable === true && untolerated([UNSCHEDULABLE], pod.spec.tolerations, KEEPS_AWAY) !== undefined)
    return ["node(s) were unschedulable"];
  const taint = untolerated(node.spec?.taints, pod.spec.tolerations, KEEPS_AWAY);
  if (taint !== undefined) return [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`];
  if ((conditionOf(node.status?.conditions, "Ready")?.status ?? "True") !== "True") return ["node(s) were not ready"];
  if (!matchesNodeWish(pod, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  const problems: string[] = [];
  for (const port of hostPortsOf(pod)) {
    if (!ports.has(port)) continue;
    problems.push("node(s) didn't have free ports for the requested pod ports");
    break;
  }
  return [...problems, ...resourceProblems(pod, node, { pods, requested })];
}

function resourceProblems(pod: Pod, node: Node, { pods, requested }: Pick<Occupied, "pods" | "requested">): string[] {
  // A node that says nothing of its size has room for everything.
  if (node.status?.allocatable === undefined) return [];
  const room = amounts(node.status.allocatable);
  const problems: string[] = [];
  const places = room.get("pods");
  if (places !== undefined && BigInt(pods + 1) * ONE_POD > places) problems.push("Too many pods");
  for (const [name, amount] of requestsOf(pod)) {
    if (amount > 0n && (requested.get(name) ?? 0n) + amount > (room.get(name) ?? 0n))
      problems.push(`Insufficient ${name}`);
  }
  return problems;
}

/** Ports of the node that a pod takes. */
export function hostPortsOf(pod: Pick<Pod, "spec">): string[] {
  const ports: string[] = [];
  for (const container of pod.spec.containers ?? []) {
    for (const port of container.ports ?? []) {
      if (port.hostPort !== undefined && port.hostPort > 0) ports.push(`${port.protocol ?? "TCP"}/${port.hostPort}`);
    }
  }
  return ports;
}
