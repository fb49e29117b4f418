// Which container of which pod a stream is for, and who runs it.

import { badRequest, failure, objectNotFound } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { ContainerRef, FindPodRunner, PodRunner } from "@holdfast/runtime/kube/pod-runner";
import type { Store } from "../store/object-store.ts";

interface Container {
  readonly name: string;
}
interface PodSpec {
  readonly nodeName?: string;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
}

/** A pod that streams can be opened to. */
export interface PodTarget {
  readonly pod: KubeObject;
  readonly spec: PodSpec;
}

/** @throws StatusError 404 */
export function findPod(store: Store, namespace: string, name: string): PodTarget {
  const found = store.bucket("pods").get(`${namespace}/${name}`);
  if (found === undefined) throw objectNotFound({ group: "", resource: "pods" }, name);
  return { pod: found.object, spec: (found.object["spec"] ?? {}) as PodSpec };
}

/** @param asked - name of the query; "" chooses the only one. @throws StatusError 400 in the words of the original */
export function chooseContainer({ pod, spec }: PodTarget, asked: string): string {
  const name = pod.metadata.name as string;
  const names = (list: readonly Container[] | undefined) => (list ?? []).map((container) => container.name);
  const regular = names(spec.containers);
  const init = names(spec.initContainers);
  if (asked === "") {
    if (regular.length === 1) return regular[0] as string;
    const chosen = pod.metadata.annotations?.["kubectl.kubernetes.io/default-container"];
    if (chosen !== undefined && regular.includes(chosen)) return chosen;
    const others = init.length === 0 ? "" : ` or one of the init containers: [${init.join(" ")}]`;
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${regular.join(" ")}]${others}`,
    );
  }
  if (![...regular, ...init, ...names(spec.ephemeralContainers)].includes(asked))
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return asked;
}

export function containerRef({ pod }: PodTarget, container: string): ContainerRef {
  const { namespace = "", name = "", uid = "" } = pod.metadata;
  return { namespace, pod: name, uid, container };
}

/** @throws StatusError when the pod has no node, or nobody runs the pods of its node here */
export function runnerOf(store: Store, find: FindPodRunner, { pod, spec }: PodTarget): PodRunner {
  const node = spec.nodeName ?? "";
  if (node === "") throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  // The original looks the node up and names it as a pod when it is not there.
  if (store.bucket("nodes").get(node) === undefined) throw objectNotFound({ group: "", resource: "pods" }, node);
  const runner = find(node);
  if (runner === undefined) {
    throw failure(
      "ServiceUnavailable",
      `node ${JSON.stringify(node)} is not connected to this API server: logs, exec, attach and port-forward need one that is`,
    );
  }
  return runner;
}
