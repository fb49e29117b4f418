// What is wrong with a Service, or with a change of one.
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Label, dns1123Subdomain, qualifiedName } from "../../../schema/name-rules.ts";
import { child, count, type Fields, has, items, maybe, text, textMap, texts } from "../fields.ts";
import { cidrRule, ipRule, parseAddress, reachableRule } from "../rules/ip-rules.ts";
import { each, oneOf, oneOfIfSet, portNumber, portOrName } from "../rules/scalar-rules.ts";
import { labelsRule } from "../rules/selector-rules.ts";

const FAMILIES = ["IPv4", "IPv6"];
const POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const MAX_AFFINITY_SECONDS = 86_400;

/** What is wrong with a Service. Problems of its addresses come alone: without sound ones nothing is allocated. */
export function serviceProblems(object: KubeObject): FieldError[] {
  const spec = child(object, "spec");
  const addresses = addressProblems(spec);
  if (addresses.length > 0) return addresses;
  const errors: FieldError[] = [];
  const type = text(spec, "type");
  const headless = isHeadless(spec);
  const ports = items(spec, "ports");
  if (ports.length === 0 && !headless && type !== "ExternalName") errors.push(required("spec.ports"));
  if (headless && (type === "LoadBalancer" || type === "NodePort")) {
    errors.push(invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`));
  }
  if (type === "ExternalName") externalNameRule(errors, spec);
  portsRule(errors, ports);
  labelsRule(errors, textMap(spec, "selector"), "spec.selector");
  affinityRule(errors, spec);
  for (const [i, address] of texts(spec, "externalIPs").entries()) {
    ipRule(errors, address, `spec.externalIPs[${i}]`);
    reachableRule(errors, address, `spec.externalIPs[${i}]`);
  }
  if (type === "") errors.push(required("spec.type"));
  else oneOf(errors, type, "spec.type", ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
  portPairsRule(errors, ports, type);
  loadBalancerRule(errors, spec, type);
  trafficRule(errors, spec, type);
  return errors;
}

export function isHeadless(spec: Fields): boolean {
  return texts(spec, "clusterIPs").length === 1 && texts(spec, "clusterIPs")[0] === "None";
}

/** Address families, their policy and the addresses themselves. */
function addressProblems(spec: Fields): FieldError[] {
  const errors: FieldError[] = [];
  const addresses = texts(spec, "clusterIPs");
  const families = texts(spec, "ipFamilies");
  if (text(spec, "type") === "ExternalName") {
    const detail = "may not be set for ExternalName services";
    if (addresses.length > 0) errors.push(forbidden("spec.clusterIPs", detail));
    if (families.length > 0) errors.push(forbidden("spec.ipFamilies", detail));
    if (has(spec, "ipFamilyPolicy")) errors.push(forbidden("spec.ipFamilyPolicy", detail));
    return errors;
  }
  for (const [i, family] of families.entries()) {
    const path = `spec.ipFamilies[${i}]`;
    if (!FAMILIES.includes(family)) errors.push(notSupported(path, family, FAMILIES));
    else if (families.indexOf(family) !== i) errors.push(duplicate(path, family));
  }
  const policy = text(spec, "ipFamilyPolicy");
  oneOfIfSet(errors, spec["ipFamilyPolicy"], "spec.ipFamilyPolicy", POLICIES);
  for (const [i, address] of addresses.entries()) {
    if (address !== "None") ipRule(errors, address, `spec.clusterIPs[${i}]`);
    else if (addresses.length > 1) {
      errors.push(invalid("spec.clusterIPs", addresses, "'None' must be the first and only value"));
    }
  }
  if (addresses.length > 2) {
    errors.push(invalid("spec.clusterIPs", addresses, "may only hold up to 2 values"));
  }
  if (errors.length > 0) return errors;
  for (const [i, address] of addresses.entries()) {
    const family = address === "None" ? undefined : parseAddress(address)?.family;
    if (family !== undefined && families[i] !== undefined && families[i] !== family) {
      errors.push(
        invalid(
          `spec.clusterIPs[${i}]`,
          addresses,
          `expected an ${families[i]} value as indicated by \`ipFamilies[${i}]\``,
        ),
      );
    }
  }
  const bare = isHeadless(spec) && Object.keys(child(spec, "selector")).length === 0;
  if (policy === "RequireDualStack" && !bare) {
    errors.push(invalid("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services"));
  }
  return errors;
}

function externalNameRule(errors: FieldError[], spec: Fields): void {
  const name = text(spec, "externalName");
  if (name === "") errors.push(required("spec.externalName"));
  else each(errors, "spec.externalName", name.replace(/\.$/, ""), dns1123Subdomain);
}

function portsRule(errors: FieldError[], ports: readonly Fields[]): void {
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const path = `spec.ports[${i}]`;
    const name = text(port, "name");
    if (name === "") {
      if (ports.length > 1) errors.push(required(`${path}.name`));
    } else {
      each(errors, `${path}.name`, name, dns1123Label);
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    portNumber(errors, port["port"], `${path}.port`);
    if (text(port, "protocol") === "") errors.push(required(`${path}.protocol`));
    else oneOf(errors, text(port, "protocol"), `${path}.protocol`, ["SCTP", "TCP", "UDP"]);
    portOrName(errors, port["targetPort"], `${path}.targetPort`);
    if (has(port, "appProtocol")) each(errors, `${path}.appProtocol`, text(port, "appProtocol"), qualifiedName);
  }
}

function affinityRule(errors: FieldError[], spec: Fields): void {
  const affinity = text(spec, "sessionAffinity");
  if (affinity === "") errors.push(required("spec.sessionAffinity"));
  else oneOf(errors, affinity, "spec.sessionAffinity", ["ClientIP", "None"]);
  const config = maybe(spec, "sessionAffinityConfig");
  if (affinity !== "ClientIP") {
    if (config !== undefined) {
      errors.push(forbidden("spec.sessionAffinityConfig", `must not be set when session affinity is ${affinity}`));
    }
    return;
  }
  const seconds = child(config ?? {}, "clientIP")["timeoutSeconds"];
  if (typeof seconds !== "number") {
    errors.push(required("spec.sessionAffinityConfig", `when session affinity type is ${affinity}`));
  } else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
    errors.push(
      invalid(
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
        seconds,
        `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`,
      ),
    );
  }
}

function portPairsRule(errors: FieldError[], ports: readonly Fields[], type: string): void {
  const nodePorts = new Set<string>();
  const pairs = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const path = `spec.ports[${i}]`;
    const nodePort = count(port, "nodePort");
    const protocol = text(port, "protocol");
    if (nodePort !== 0) {
      if (type === "ClusterIP")
        errors.push(forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
      if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(duplicate(`${path}.nodePort`, nodePort));
      nodePorts.add(`${protocol}/${nodePort}`);
    }
    const pair = `${protocol}/${count(port, "port")}`;
    if (pairs.has(pair)) errors.push(duplicate(path, portStruct(protocol, count(port, "port"))));
    pairs.add(pair);
  }
}

/** The original shows the pair as the whole struct, the rest of it empty. */
function portStruct(protocol: string, port: number): Fields {
  return { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

const ONLY_FOR_LOAD_BALANCERS = "may only be used when `type` is 'LoadBalancer'";

function loadBalancerRule(errors: FieldError[], spec: Fields, type: string): void {
  const ranges = texts(spec, "loadBalancerSourceRanges");
  if (ranges.length > 0 && type !== "LoadBalancer") {
    errors.push(forbidden("spec.LoadBalancerSourceRanges", ONLY_FOR_LOAD_BALANCERS));
  } else {
    for (const [i, range] of ranges.entries()) cidrRule(errors, range.trim(), `spec.LoadBalancerSourceRanges[${i}]`);
  }
  if (type === "LoadBalancer") {
    if (!has(spec, "allocateLoadBalancerNodePorts")) errors.push(required("spec.allocateLoadBalancerNodePorts"));
    const className = spec["loadBalancerClass"];
    if (typeof className === "string") each(errors, "spec.loadBalancerClass", className, qualifiedName);
    return;
  }
  for (const name of ["allocateLoadBalancerNodePorts", "loadBalancerClass"]) {
    if (has(spec, name)) errors.push(forbidden(`spec.${name}`, ONLY_FOR_LOAD_BALANCERS));
  }
}

/** Services that can be reached from outside of the cluster. */
export function isExternallyAccessible(spec: Fields): boolean {
  const type = text(spec, "type");
  if (type === "LoadBalancer" || type === "NodePort") return true;
  return type === "ClusterIP" && texts(spec, "externalIPs").length > 0;
}

function trafficRule(errors: FieldError[], spec: Fields, type: string): void {
  const policy = text(spec, "externalTrafficPolicy");
  const path = "spec.externalTrafficPolicy";
  if (!isExternallyAccessible(spec)) {
    if (policy !== "") errors.push(invalid(path, policy, "may only be set for externally-accessible services"));
  } else if (policy === "") errors.push(required(path));
  else oneOf(errors, policy, path, ["Cluster", "Local"]);
  const checkPort = count(spec, "healthCheckNodePort");
  const wantsCheck = type === "LoadBalancer" && policy === "Local";
  if (checkPort !== 0) {
    if (checkPort < 0) portNumber(errors, checkPort, "spec.healthCheckNodePort");
    if (!wantsCheck) {
      errors.push(
        invalid(
          "spec.healthCheckNodePort",
          checkPort,
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        ),
      );
    }
  }
  oneOfIfSet(errors, spec["internalTrafficPolicy"], "spec.internalTrafficPolicy", ["Cluster", "Local"]);
  oneOfIfSet(errors, spec["trafficDistribution"], "spec.trafficDistribution", ["PreferClose"]);
}

/** What is wrong with a change: addresses that were given stay. */
export function serviceUpdateProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(next, "spec");
  const before = child(old, "spec");
  if (text(spec, "type") !== "ExternalName" && text(before, "type") !== "ExternalName") {
    for (const name of ["clusterIPs", "ipFamilies"]) {
      const was = texts(before, name)[0];
      const now = texts(spec, name);
      if (was !== undefined && was !== "" && now[0] !== was) {
        errors.push(invalid(`spec.${name}[0]`, now.length === 0 ? null : now, "may not change once set"));
      }
    }
  }
  return [...errors, ...serviceProblems(next)];
}
