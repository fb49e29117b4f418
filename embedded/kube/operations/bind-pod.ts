import { conflict, failure, objectNotFound } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { rewriteStored } from "../store/rewrite.ts";
import { type KubeContext, timestamp } from "./kube-context.ts";
import { withPodCondition } from "./pod-condition.ts";

/** What a Binding asks for. */
export interface BindInput {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  /** uid the pod must have; undefined: any. */
  readonly uid?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
}

/** Gives a pod its node: once and for all. @throws StatusError 404, 409 */
export async function bindPod(kube: KubeContext, input: BindInput): Promise<void> {
  const key = `${input.namespace}/${input.pod}`;
  const refuse = (why: string) => conflict({ group: "", resource: "pods/binding" }, input.pod, why);
  const judge = (pod: KubeObject) => {
    const node = (pod["spec"] as { nodeName?: string } | undefined)?.nodeName ?? "";
    if (pod.metadata.deletionTimestamp !== undefined)
      throw refuse(`pod ${input.pod} is being deleted, cannot be assigned to a host`);
    if (node !== "") throw refuse(`pod ${input.pod} is already assigned to node ${JSON.stringify(node)}`);
    if (input.uid !== undefined && input.uid !== pod.metadata.uid) {
      throw refuse(
        `Precondition failed: UID in precondition: ${input.uid}, UID in object meta: ${pod.metadata.uid ?? ""}`,
      );
    }
    const gates = (pod["spec"] as { schedulingGates?: unknown[] } | undefined)?.schedulingGates ?? [];
    if (gates.length > 0) throw refuse(`pod ${input.pod} has non-empty .spec.schedulingGates`);
  };
  const found = kube.store.latest("pods", key);
  if (found === undefined) throw objectNotFound({ group: "", resource: "pods" }, input.pod);
  judge(found.object);
  if (input.dryRun) return;
  const bound = await rewriteStored(kube.store, "pods", key, (pod) => {
    judge(pod);
    const { annotations, labels } = pod.metadata;
    return {
      ...pod,
      metadata: {
        ...pod.metadata,
        ...(input.annotations === undefined ? {} : { annotations: { ...annotations, ...input.annotations } }),
        ...(input.labels === undefined ? {} : { labels: { ...labels, ...input.labels } }),
      },
      spec: { ...(pod["spec"] as object), nodeName: input.node },
      status: withPodCondition(pod, {
        type: "PodScheduled",
        status: "True",
        lastProbeTime: null,
        lastTransitionTime: timestamp(kube.now()),
      }),
    } as KubeObject;
  });
  if (bound === undefined) throw objectNotFound({ group: "", resource: "pods" }, input.pod);
}

/** 500 in the words of the original for a Binding whose target cannot be one. */
export function checkBindingTarget(target: { readonly kind?: unknown; readonly name?: unknown }): string {
  const kind = target.kind ?? "";
  if (kind !== "" && kind !== "Node") {
    const message = `target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`;
    throw failure("", message, { code: 500 });
  }
  if (typeof target.name !== "string" || target.name === "")
    throw failure("", "target.name: Required value", { code: 500 });
  return target.name;
}
