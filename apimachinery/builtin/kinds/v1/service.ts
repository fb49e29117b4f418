import { type FieldError, invalid, notSupported, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1035Label, dns1123Label } from "../../../schema/name-rules.ts";
import { child, count, has, items, setDefault, setDefaultText, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { IMMUTABLE, portNumber, portOrName } from "../rules/scalar-rules.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];

/** Services. Their addresses and node ports are the server's to give. */
export const serviceBehaviour: KindBehaviour = {
  nameProblems: dns1035Label,
  defaults: defaultService,
  prepareForCreate: (object) => {
    object["status"] = { loadBalancer: {} };
  },
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
  setDefaultText(spec, "type", "ClusterIP");
  if (text(spec, "sessionAffinity") === "ClientIP")
    setDefault(spec, "sessionAffinityConfig", { clientIP: { timeoutSeconds: 10_800 } });
  for (const port of items(spec, "ports")) {
    setDefaultText(port, "protocol", "TCP");
    const target = port["targetPort"];
    if (target === undefined || target === 0 || target === "") port["targetPort"] = port["port"];
  }
  const type = text(spec, "type");
  if (type === "NodePort" || type === "LoadBalancer") setDefaultText(spec, "externalTrafficPolicy", "Cluster");
  if (type !== "ExternalName") setDefault(spec, "internalTrafficPolicy", "Cluster");
  if (type === "LoadBalancer") setDefault(spec, "allocateLoadBalancerNodePorts", true);
}

function serviceProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const type = text(spec, "type");
  const headless = text(spec, "clusterIP") === "None";
  const ports = items(spec, "ports");
  if (ports.length === 0 && !headless && type !== "ExternalName") errors.push(required("spec.ports"));
  if (type === "ExternalName" && text(spec, "externalName") === "") errors.push(required("spec.externalName"));
  const seen = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const path = `spec.ports[${i}]`;
    const name = text(port, "name");
    if (name === "" && ports.length > 1) errors.push(required(`${path}.name`));
    if (name !== "") {
      for (const problem of dns1123Label(name)) errors.push(invalid(`${path}.name`, name, problem));
      if (seen.has(name)) errors.push({ type: "FieldValueDuplicate", field: `${path}.name`, value: name, detail: "" });
      seen.add(name);
    }
    portNumber(errors, port["port"], `${path}.port`);
    if (!PROTOCOLS.includes(text(port, "protocol")))
      errors.push(notSupported(`${path}.protocol`, text(port, "protocol"), PROTOCOLS));
    if (has(port, "targetPort")) portOrName(errors, port["targetPort"], `${path}.targetPort`);
    if (count(port, "nodePort") !== 0 && type === "ClusterIP") {
      errors.push({
        type: "FieldValueForbidden",
        field: `${path}.nodePort`,
        detail: "may not be used when `type` is 'ClusterIP'",
      });
    }
  }
  if (!["ClientIP", "None"].includes(text(spec, "sessionAffinity"))) {
    errors.push(notSupported("spec.sessionAffinity", text(spec, "sessionAffinity"), ["ClientIP", "None"]));
  }
  if (!TYPES.includes(type)) errors.push(notSupported("spec.type", type, TYPES));
  return errors;
}

function serviceUpdateProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const [spec, before] = [child(next, "spec"), child(old, "spec")];
  const keeps = text(spec, "type") !== "ExternalName" && text(before, "type") !== "ExternalName";
  if (keeps && text(before, "clusterIP") !== "" && text(spec, "clusterIP") !== text(before, "clusterIP")) {
    errors.push(invalid("spec.clusterIPs[0]", spec["clusterIPs"] ?? [], IMMUTABLE));
  }
  return [...errors, ...serviceProblems(next)];
}
