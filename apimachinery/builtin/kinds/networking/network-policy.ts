import { type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, count, type Fields, has, items, maybe, setDefaultText, text, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { cidrRule, contains, parseNetwork } from "../rules/ip-rules.ts";
import { each, oneOf, portName, portNumber } from "../rules/scalar-rules.ts";
import { selectorRule } from "../rules/selector-rules.ts";

/** NetworkPolicies. */
export const networkPolicyBehaviour: KindBehaviour = {
  generation: true,
  defaults(object) {
    const spec = child(object, "spec");
    for (const list of ["ingress", "egress"]) {
      for (const rule of items(spec, list)) {
        for (const port of items(rule, "ports")) setDefaultText(port, "protocol", "TCP");
      }
    }
    if (texts(spec, "policyTypes").length === 0) {
      spec["policyTypes"] = items(spec, "egress").length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
    }
  },
  validate: problems,
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  selectorRule(errors, maybe(spec, "podSelector"), "spec.podSelector");
  for (const [list, peers] of [
    ["ingress", "from"],
    ["egress", "to"],
  ] as const) {
    for (const [i, rule] of items(spec, list).entries()) {
      const path = `spec.${list}[${i}]`;
      for (const [j, port] of items(rule, "ports").entries()) portRule(errors, port, `${path}.ports[${j}]`);
      for (const [j, peer] of items(rule, peers).entries()) peerRule(errors, peer, `${path}.${peers}[${j}]`);
    }
  }
  const types = texts(spec, "policyTypes");
  if (types.length > 2) {
    errors.push(invalid("spec.policyTypes", types, "may not specify more than two policyTypes"));
    return errors;
  }
  for (const [i, type] of types.entries()) oneOf(errors, type, `spec.policyTypes[${i}]`, ["Ingress", "Egress"]);
  return errors;
}

function portRule(errors: FieldError[], port: Fields, path: string): void {
  if (has(port, "protocol")) oneOf(errors, text(port, "protocol"), `${path}.protocol`, ["TCP", "UDP", "SCTP"]);
  const value = port["port"];
  const end = port["endPort"];
  if (value === undefined) {
    if (has(port, "endPort"))
      errors.push(required(`${path}.port`, "may not be specified when `endPort` is not specified"));
    return;
  }
  if (typeof value === "string") {
    if (has(port, "endPort"))
      errors.push(invalid(`${path}.endPort`, end, "may not be specified when `port` is non-numeric"));
    each(errors, `${path}.port`, value, portName);
    return;
  }
  portNumber(errors, value, `${path}.port`);
  if (typeof end !== "number") return;
  portNumber(errors, end, `${path}.endPort`);
  if (end < count(port, "port")) {
    errors.push(invalid(`${path}.endPort`, end, "must be greater than or equal to `port`"));
  }
}

function peerRule(errors: FieldError[], peer: Fields, path: string): void {
  let peers = 0;
  for (const name of ["podSelector", "namespaceSelector"]) {
    if (!has(peer, name)) continue;
    peers++;
    selectorRule(errors, maybe(peer, name), `${path}.${name}`);
  }
  const block = maybe(peer, "ipBlock");
  if (block !== undefined) blockRule(errors, block, `${path}.ipBlock`);
  if (block !== undefined && peers > 0) errors.push(forbidden(path, "may not specify both ipBlock and another peer"));
  else if (block === undefined && peers === 0) errors.push(required(path, "must specify a peer"));
}

function blockRule(errors: FieldError[], block: Fields, path: string): void {
  const cidr = text(block, "cidr");
  if (cidr === "") {
    errors.push(required(`${path}.cidr`));
    return;
  }
  cidrRule(errors, cidr, `${path}.cidr`);
  const outer = parseNetwork(cidr);
  if (outer === undefined) return;
  for (const [i, except] of texts(block, "except").entries()) {
    const at = `${path}.except[${i}]`;
    cidrRule(errors, except, at);
    const inner = parseNetwork(except);
    if (inner === undefined) continue;
    if (!contains(outer, inner.base) || inner.prefix <= outer.prefix) {
      errors.push(invalid(at, except, "must be a strict subset of `cidr`"));
    }
  }
}
