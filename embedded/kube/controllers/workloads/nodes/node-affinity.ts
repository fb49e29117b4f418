// Which nodes a pod asks for. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
import { matchesRequirement, type Operator } from "@holdfast/apimachinery/selectors/requirement";
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from "../acting/object-types.ts";

const OPERATORS: Readonly<Record<string, Operator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
  Gt: "gt",
  Lt: "lt",
};

/** True when the node is one that nodeSelector and the required node affinity of the pod allow. */
export function matchesNodeWish(pod: Pick<Pod, "spec">, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) if (labels[key] !== value) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return true;
  return (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node));
}

/** A term without conditions matches nothing. */
function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const fields = { "metadata.name": node.metadata.name ?? "" };
  return (
    matchExpressions.every((requirement) => matches(requirement, node.metadata.labels ?? {})) &&
    matchFields.every((requirement) => matches(requirement, fields))
  );
}

function matches(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const known = OPERATORS[operator];
  return known !== undefined && matchesRequirement({ key, operator: known, values }, labels);
}
