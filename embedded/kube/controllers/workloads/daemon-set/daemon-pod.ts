import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Node, NodeSelectorTerm, Pod, PodSpec, PodTemplate, Toleration } from "../acting/object-types.ts";
import { matchesNodeWish } from "../nodes/node-affinity.ts";
import { KEEPS_AWAY, untolerated } from "../nodes/taints.ts";
import { podFromTemplate } from "../pods/pod-from-template.ts";
import { REVISION_LABEL } from "../revisions/controller-revision.ts";
import type { DaemonSet } from "./daemon-set-types.ts";

const TEMPLATE_GENERATION = "pod-template-generation";
const NODE_NAME = "metadata.name";

/** Daemons stay on nodes that are in trouble: they may be what helps. */
function daemonTolerations({ hostNetwork }: PodSpec): Toleration[] {
  const tolerate = (key: string, effect: string) => ({ key: `node.kubernetes.io/${key}`, operator: "Exists", effect });
  return [
    tolerate("not-ready", "NoExecute"),
    tolerate("unreachable", "NoExecute"),
    tolerate("disk-pressure", "NoSchedule"),
    tolerate("memory-pressure", "NoSchedule"),
    tolerate("pid-pressure", "NoSchedule"),
    tolerate("unschedulable", "NoSchedule"),
    ...(hostNetwork === true ? [tolerate("network-unavailable", "NoSchedule")] : []),
  ];
}

function withTolerations(template: PodTemplate): PodTemplate {
  const own = template.spec.tolerations ?? [];
  const added = daemonTolerations(template.spec).filter(
    (wanted) => !own.some(({ key, effect }) => key === wanted.key && effect === wanted.effect),
  );
  return { ...template, spec: { ...template.spec, tolerations: [...own, ...added] } };
}

/** The pod for one node. It is the scheduler that binds it, so it asks for the node by name. */
export function daemonPod(set: DaemonSet, node: string, hash: string): KubeObject {
  const template = withTolerations(set.spec.template);
  const pod = podFromTemplate(set, template);
  const generation = set.metadata.annotations?.["deprecated.daemonset.template.generation"];
  pod.metadata.labels = {
    ...pod.metadata.labels,
    [REVISION_LABEL]: hash,
    ...(generation === undefined ? {} : { [TEMPLATE_GENERATION]: generation }),
  };
  const { affinity } = pod["spec"] as PodSpec;
  const byName = { key: NODE_NAME, operator: "In", values: [node] };
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  // Asking by name comes in the place of fields; what the template says of labels has been judged.
  const required: NodeSelectorTerm[] =
    terms === undefined ? [{ matchFields: [byName] }] : terms.map((term) => ({ ...term, matchFields: [byName] }));
  pod["spec"] = {
    ...(pod["spec"] as object),
    affinity: {
      ...affinity,
      nodeAffinity: {
        ...affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: required },
      },
    },
  };
  return pod;
}

/** The node a daemon's pod runs on, or waits for. */
export function nodeOf(pod: Pod): string {
  if ((pod.spec.nodeName ?? "") !== "") return pod.spec.nodeName as string;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const byName = matchFields.find(({ key, operator }) => key === NODE_NAME && operator === "In");
    if (byName?.values?.[0] !== undefined) return byName.values[0];
  }
  return "";
}

/** Whether a daemon belongs on a node, and whether one that is there may stay. */
export function judgeNode(set: DaemonSet, node: Node): { readonly shouldRun: boolean; readonly mayStay: boolean } {
  const { spec } = withTolerations(set.spec.template);
  const elsewhere = (spec.nodeName ?? "") !== "" && spec.nodeName !== node.metadata.name;
  if (elsewhere || !matchesNodeWish({ spec }, node)) return { shouldRun: false, mayStay: false };
  const { taints } = node.spec ?? {};
  if (untolerated(taints, spec.tolerations, KEEPS_AWAY) === undefined) return { shouldRun: true, mayStay: true };
  return { shouldRun: false, mayStay: untolerated(taints, spec.tolerations, ["NoExecute"]) === undefined };
}
