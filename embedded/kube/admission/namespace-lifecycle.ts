import { failure, objectNotFound } from "@holdfast/apimachinery/meta/status-error";
import { groupQualified } from "@holdfast/apimachinery/meta/types";
import type { Store } from "../store/object-store.ts";
import type { Admission, AdmissionAttributes } from "./admission.ts";

const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);

/** NamespaceLifecycle: nothing is created in a namespace that is not there or on its way out; three are never deleted. */
export function createNamespaceLifecycle(store: Store): Admission {
  const judge = async (attributes: AdmissionAttributes) => {
    const { type, operation, namespace, name } = attributes;
    const isNamespace = type.group === "" && type.plural === "namespaces";
    if (operation === "DELETE" && isNamespace && IMMORTAL.has(name)) {
      throw failure("Forbidden", `namespaces ${JSON.stringify(name)} is forbidden: this namespace may not be deleted`, {
        status: { name, kind: "namespaces" },
      });
    }
    if (!type.namespaced || namespace === "" || operation !== "CREATE") return;
    // Reviews ask about a namespace, they do not live in it.
    if (type.group === "authorization.k8s.io") return;
    const found = store.latest("namespaces", namespace);
    if (found === undefined) throw objectNotFound({ group: "", resource: "namespaces" }, namespace);
    const phase = (found.object["status"] as { phase?: string } | undefined)?.phase;
    if (phase !== "Terminating" && found.object.metadata.deletionTimestamp === undefined) return;
    const what = groupQualified(type.plural, type.group);
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw failure("Forbidden", `${what} ${JSON.stringify(name)} is forbidden: ${why}`, {
      status: {
        name,
        ...(type.group === "" ? {} : { group: type.group }),
        kind: type.plural,
        causes: [
          {
            reason: "NamespaceTerminating",
            message: `namespace ${namespace} is being terminated`,
            field: "metadata.namespace",
          },
        ],
      },
    });
  };
  return {
    mutate: judge,
    validate: (attributes) => (attributes.operation === "DELETE" ? judge(attributes) : Promise.resolve()),
  };
}
