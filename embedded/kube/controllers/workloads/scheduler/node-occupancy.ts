import type { KubeContext } from "../../../operations/kube-context.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import type { Node, Pod } from "../acting/object-types.ts";
import { isFinished } from "../pods/pod-state.ts";
import { hostPortsOf, type Occupied } from "./decide-node.ts";
import { type Amounts, add, requestsOf } from "./requests.ts";

interface Share {
  readonly requested: Amounts;
  readonly ports: readonly string[];
}

/** Which pods run where, kept up to date by events: the scheduler must not walk over all pods for each one it places. */
export class NodeOccupancy {
  readonly #kube: KubeContext;
  /** Node -> uid of a pod -> what it takes. */
  readonly #byNode = new Map<string, Map<string, Share>>();
  /** Sums of the nodes whose pods have not changed since. */
  readonly #sums = new Map<string, Omit<Occupied, "node">>();

  constructor(kube: KubeContext) {
    this.#kube = kube;
    for (const [, stored] of kube.store.bucket("pods").range("")) this.#place(stored.object as Pod);
  }

  /** Takes in a change of a pod. */
  observe(event: StoreEvent): void {
    if (event.previous !== undefined) this.#remove(event.previous.object as Pod);
    if (event.type !== "DELETED") this.#place(event.stored.object as Pod);
  }

  /** Every node with what runs on it. */
  nodes(): Occupied[] {
    const nodes = [...this.#kube.store.bucket("nodes").range("")];
    return nodes.map(([name, stored]) => ({ node: stored.object as Node, ...this.#sum(name) }));
  }

  #sum(node: string): Omit<Occupied, "node"> {
    const known = this.#sums.get(node);
    if (known !== undefined) return known;
    const shares = this.#byNode.get(node);
    const requested = new Map<string, bigint>();
    const ports = new Set<string>();
    for (const share of shares?.values() ?? []) {
      add(requested, share.requested);
      for (const port of share.ports) ports.add(port);
    }
    const sum = { pods: shares?.size ?? 0, requested, ports };
    this.#sums.set(node, sum);
    return sum;
  }

  #place(pod: Pod): void {
    const node = pod.spec.nodeName ?? "";
    if (node === "" || isFinished(pod)) return;
    let shares = this.#byNode.get(node);
    if (shares === undefined) {
      shares = new Map();
      this.#byNode.set(node, shares);
    }
    this.#sums.delete(node);
    shares.set(pod.metadata.uid as string, { requested: requestsOf(pod), ports: hostPortsOf(pod) });
  }

  #remove(pod: Pod): void {
    const node = pod.spec.nodeName ?? "";
    const shares = this.#byNode.get(node);
    if (shares?.delete(pod.metadata.uid as string)) this.#sums.delete(node);
    if (shares?.size === 0) this.#byNode.delete(node);
  }
}
