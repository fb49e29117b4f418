import { duplicate, type FieldError, invalid, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Label, dns1123Subdomain, qualifiedName } from "../../../schema/name-rules.ts";
import { type Fields, has, items, setDefault, text, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { parseAddress, reachableRule } from "../rules/ip-rules.ts";
import { each, IMMUTABLE, oneOf, oneOfIfSet } from "../rules/scalar-rules.ts";

const TYPES = ["FQDN", "IPv4", "IPv6"];
const MAX_ADDRESSES = 100;
const MAX_ENDPOINTS = 1000;
const MAX_PORTS = 20_000;

/** EndpointSlices. */
export const endpointSliceBehaviour: KindBehaviour = {
  generation: true,
  defaults(object) {
    for (const port of items(object, "ports")) {
      setDefault(port, "name", "");
      setDefault(port, "protocol", "TCP");
    }
  },
  prepareForUpdate(next, old) {
    // A change of labels is a change of what the slice stands for.
    if (jsonEqual(next.metadata.labels ?? {}, old.metadata.labels ?? {})) return;
    next.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: problems,
  validateUpdate(next, old) {
    const type = text(next, "addressType");
    const errors = problems(next);
    return type === text(old, "addressType") ? errors : [invalid("addressType", type, IMMUTABLE)];
  },
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const type = text(object, "addressType");
  if (type === "") errors.push(required("addressType"));
  else oneOf(errors, type, "addressType", TYPES);
  tooMany(errors, items(object, "endpoints").length, MAX_ENDPOINTS, "endpoints");
  tooMany(errors, items(object, "ports").length, MAX_PORTS, "ports");
  portsRule(errors, items(object, "ports"));
  if (!TYPES.includes(type)) return errors;
  for (const [i, endpoint] of items(object, "endpoints").entries())
    endpointRule(errors, endpoint, `endpoints[${i}]`, type);
  return errors;
}

function tooMany(errors: FieldError[], length: number, most: number, path: string): void {
  if (length <= most) return;
  errors.push({ type: "FieldValueTooMany", field: path, value: length, detail: `must have at most ${most} items` });
}

function portsRule(errors: FieldError[], ports: readonly Fields[]): void {
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const path = `ports[${i}]`;
    const name = text(port, "name");
    if (name !== "") each(errors, `${path}.name`, name, dns1123Label);
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    oneOfIfSet(errors, port["protocol"], `${path}.protocol`, ["SCTP", "TCP", "UDP"]);
    if (has(port, "appProtocol")) each(errors, `${path}.appProtocol`, text(port, "appProtocol"), qualifiedName);
  }
}

function endpointRule(errors: FieldError[], endpoint: Fields, path: string, type: string): void {
  const addresses = texts(endpoint, "addresses");
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, "must contain at least 1 address"));
  tooMany(errors, addresses.length, MAX_ADDRESSES, `${path}.addresses`);
  for (const [i, address] of addresses.entries()) {
    const at = `${path}.addresses[${i}]`;
    if (type === "FQDN") {
      each(errors, at, address.replace(/\.$/, ""), dns1123Subdomain);
      continue;
    }
    if (parseAddress(address)?.family !== type) {
      errors.push(
        invalid(`${path}.addresses`, address, type === "IPv4" ? "must be an IPv4 address" : "must be an IPv6 address"),
      );
    }
    if (parseAddress(address) === undefined) errors.push(invalid(at, address, "must be a valid IP address"));
    else reachableRule(errors, address, at);
  }
  if (has(endpoint, "nodeName")) each(errors, `${path}.nodeName`, text(endpoint, "nodeName"), dns1123Subdomain);
  if (has(endpoint, "hostname")) each(errors, `${path}.hostname`, text(endpoint, "hostname"), dns1123Label);
}
