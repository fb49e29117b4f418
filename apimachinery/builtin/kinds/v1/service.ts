import type { KubeObject } from "../../../meta/types.ts";
import { dns1035Label } from "../../../schema/name-rules.ts";
import { child, items, setDefault, setDefaultText, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { settleChangedService, settleNewService } from "./service-changes.ts";
import { isExternallyAccessible, serviceProblems, serviceUpdateProblems } from "./service-rules.ts";

/** Services. Their addresses and node ports are the server's to give. */
export const serviceBehaviour: KindBehaviour = {
  nameProblems: dns1035Label,
  createOnUpdate: true,
  defaults: defaultService,
  prepareForCreate: settleNewService,
  prepareForUpdate: settleChangedService,
  validate: serviceProblems,
  validateUpdate: serviceUpdateProblems,
  selectableFieldNames: ["spec.clusterIP", "spec.type"],
  selectableFields: (object) => ({
    "spec.clusterIP": text(child(object, "spec"), "clusterIP"),
    "spec.type": text(child(object, "spec"), "type"),
  }),
};

function defaultService(object: KubeObject): void {
  const spec = child(object, "spec");
  setDefaultText(spec, "sessionAffinity", "None");
  if (text(spec, "sessionAffinity") === "None") delete spec["sessionAffinityConfig"];
  if (text(spec, "sessionAffinity") === "ClientIP") {
    setDefault(spec, "sessionAffinityConfig", { clientIP: { timeoutSeconds: 10_800 } });
  }
  setDefaultText(spec, "type", "ClusterIP");
  for (const port of items(spec, "ports")) {
    setDefaultText(port, "protocol", "TCP");
    const target = port["targetPort"];
    if (target === undefined || target === 0 || target === "") port["targetPort"] = port["port"];
  }
  const type = text(spec, "type");
  if (isExternallyAccessible(spec)) setDefaultText(spec, "externalTrafficPolicy", "Cluster");
  if (type !== "ExternalName") setDefault(spec, "internalTrafficPolicy", "Cluster");
  if (type === "LoadBalancer") setDefault(spec, "allocateLoadBalancerNodePorts", true);
}
