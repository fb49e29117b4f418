import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Label } from "../../../schema/name-rules.ts";
import { child } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";

const NAME_LABEL = "kubernetes.io/metadata.name";

/** Namespaces. They carry their name as a label, and are held by spec.finalizers until they are empty. */
export const namespaceBehaviour: KindBehaviour = {
  nameProblems: dns1123Label,
  deleteReturnsObject: true,
  defaults(object) {
    const { name } = object.metadata;
    if (name !== undefined && name !== "") object.metadata.labels = { ...object.metadata.labels, [NAME_LABEL]: name };
  },
  prepareForCreate(object) {
    const finalizers = (child(object, "spec")["finalizers"] as string[] | undefined) ?? [];
    object["spec"] = { finalizers: finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"] };
    object["status"] = { phase: "Active" };
  },
  prepareForUpdate(next, old) {
    // Only /finalize changes these.
    if (old["spec"] === undefined) delete next["spec"];
    else next["spec"] = old["spec"];
  },
  prepareForDelete: (object) => ({ ...object, status: { ...child(object, "status"), phase: "Terminating" } }),
  holdsDeletion: (object: KubeObject) =>
    ((child(object, "spec")["finalizers"] as string[] | undefined) ?? []).length > 0,
  selectableFieldNames: ["name", "status.phase"],
  selectableFields: (object) => ({
    name: object.metadata.name ?? "",
    "status.phase": String(child(object, "status")["phase"] ?? ""),
  }),
};
