import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Label } from "../../../schema/name-rules.ts";
import { type Fields, items, setDefaultText, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { ipRule, parseAddress, reachableRule } from "../rules/ip-rules.ts";
import { each, oneOf, portNumber } from "../rules/scalar-rules.ts";

/** Endpoints. */
export const endpointsBehaviour: KindBehaviour = {
  createOnUpdate: true,
  defaults(object) {
    for (const subset of items(object, "subsets")) {
      for (const port of items(subset, "ports")) setDefaultText(port, "protocol", "TCP");
    }
  },
  validate: problems,
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, subset] of items(object, "subsets").entries()) subsetRule(errors, subset, `subsets[${i}]`);
  return errors;
}

function subsetRule(errors: FieldError[], subset: Fields, path: string): void {
  const lists = ["addresses", "notReadyAddresses"] as const;
  if (lists.every((name) => items(subset, name).length === 0)) {
    errors.push(required(path, "must specify `addresses` or `notReadyAddresses`"));
  }
  for (const name of lists) {
    for (const [i, address] of items(subset, name).entries()) addressRule(errors, address, `${path}.${name}[${i}]`);
  }
  const ports = items(subset, "ports");
  for (const [i, port] of ports.entries()) {
    const at = `${path}.ports[${i}]`;
    const name = text(port, "name");
    if (name !== "") each(errors, `${at}.name`, name, dns1123Label);
    else if (ports.length > 1) errors.push(required(`${at}.name`));
    portNumber(errors, port["port"], `${at}.port`);
    oneOf(errors, text(port, "protocol"), `${at}.protocol`, ["SCTP", "TCP", "UDP"]);
  }
}

function addressRule(errors: FieldError[], address: Fields, path: string): void {
  const ip = text(address, "ip");
  ipRule(errors, ip, `${path}.ip`);
  const hostname = text(address, "hostname");
  if (hostname !== "") each(errors, `${path}.hostname`, hostname, dns1123Label);
  if (parseAddress(ip) === undefined) errors.push(invalid(`${path}.ip`, ip, "must be a valid IP address"));
  else reachableRule(errors, ip, `${path}.ip`);
}
