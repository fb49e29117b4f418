import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1035Label, dns1123Label, dns1123Subdomain } from "../../../schema/name-rules.ts";
import { child, count, type Fields, has, items, maybe, text, texts } from "../fields.ts";
import { parseAddress } from "../rules/ip-rules.ts";
import { each, oneOf, portName, portNumber } from "../rules/scalar-rules.ts";

const WILDCARD = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const WILDCARD_HELP =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
export const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

/** What is wrong with an Ingress that is created. */
export function newIngressProblems(object: KubeObject): FieldError[] {
  const errors = ingressProblems(object);
  const annotation = object.metadata.annotations?.[CLASS_ANNOTATION];
  const className = child(object, "spec")["ingressClassName"];
  if (annotation !== undefined && typeof className === "string" && annotation !== className) {
    const detail = "must match `ingressClassName` when both are specified";
    errors.push(invalid(`annotations.${CLASS_ANNOTATION}`, annotation, detail));
  }
  return errors;
}

/** What is wrong with an Ingress. */
export function ingressProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const backend = maybe(spec, "defaultBackend");
  if (items(spec, "rules").length === 0 && backend === undefined) {
    errors.push(invalid("spec", null, "either `defaultBackend` or `rules` must be specified"));
  }
  if (backend !== undefined) backendRule(errors, backend, "spec.defaultBackend");
  for (const [i, rule] of items(spec, "rules").entries()) ruleRule(errors, rule, `spec.rules[${i}]`);
  for (const [i, tls] of items(spec, "tls").entries()) {
    for (const [j, host] of texts(tls, "hosts").entries()) hostNameRule(errors, host, `spec.tls[${i}].hosts[${j}]`);
    const secret = text(tls, "secretName");
    if (secret !== "") each(errors, `spec.tls[${i}].secretName`, secret, dns1123Subdomain);
  }
  const className = spec["ingressClassName"];
  if (typeof className === "string") each(errors, "spec.ingressClassName", className, dns1123Subdomain);
  return errors;
}

function hostNameRule(errors: FieldError[], host: string, path: string): void {
  if (!host.includes("*")) each(errors, path, host, dns1123Subdomain);
  else if (host.length > 253 || !WILDCARD.test(host)) errors.push(invalid(path, host, WILDCARD_HELP));
}

function ruleRule(errors: FieldError[], rule: Fields, path: string): void {
  const host = text(rule, "host");
  if (host !== "") {
    if (parseAddress(host) !== undefined)
      errors.push(invalid(`${path}.host`, host, "must be a DNS name, not an IP address"));
    else hostNameRule(errors, host, `${path}.host`);
  }
  const http = maybe(rule, "http");
  if (http === undefined) return;
  const paths = items(http, "paths");
  if (paths.length === 0) errors.push(required(`${path}.http.paths`));
  for (const [i, item] of paths.entries()) pathRule(errors, item, `${path}.http.paths[${i}]`);
}

const BAD_SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_ENDINGS = ["/..", "/."];

function pathRule(errors: FieldError[], item: Fields, path: string): void {
  const value = text(item, "path");
  const at = `${path}.path`;
  if (!has(item, "pathType")) errors.push(required(`${path}.pathType`, "pathType must be specified"));
  else {
    const type = text(item, "pathType");
    if (type === "Exact" || type === "Prefix") {
      if (!value.startsWith("/")) errors.push(invalid(at, value, "must be an absolute path"));
      if (value !== "") {
        for (const bad of BAD_SEQUENCES)
          if (value.includes(bad)) errors.push(invalid(at, value, `must not contain '${bad}'`));
        for (const bad of BAD_ENDINGS)
          if (value.endsWith(bad)) errors.push(invalid(at, value, `cannot end with '${bad}'`));
      }
    } else if (type === "ImplementationSpecific") {
      if (value !== "" && !value.startsWith("/")) errors.push(invalid(at, value, "must be an absolute path"));
    } else oneOf(errors, type, `${path}.pathType`, ["Exact", "ImplementationSpecific", "Prefix"]);
  }
  backendRule(errors, child(item, "backend"), `${path}.backend`);
}

function backendRule(errors: FieldError[], backend: Fields, path: string): void {
  const resource = maybe(backend, "resource");
  const service = maybe(backend, "service");
  if (resource !== undefined && service !== undefined) {
    errors.push(invalid(path, "", "cannot set both resource and service backends"));
  } else if (resource !== undefined) typedReferenceRule(errors, resource, `${path}.resource`);
  else if (service !== undefined) serviceBackendRule(errors, service, path);
  else errors.push(invalid(path, "", "resource or service backend is required"));
}

function typedReferenceRule(errors: FieldError[], reference: Fields, path: string): void {
  const group = text(reference, "apiGroup");
  if (group !== "") each(errors, `${path}.apiGroup`, group, dns1123Subdomain);
  for (const name of ["kind", "name"]) if (text(reference, name) === "") errors.push(required(`${path}.${name}`));
}

function serviceBackendRule(errors: FieldError[], service: Fields, path: string): void {
  const name = text(service, "name");
  if (name === "") errors.push(required(`${path}.service.name`));
  else each(errors, `${path}.service.name`, name, dns1035Label);
  const port = child(service, "port");
  const portText = text(port, "name");
  const number = count(port, "number");
  if (portText !== "" && number !== 0) errors.push(invalid(path, "", "cannot set both port name & port number"));
  else if (portText !== "") each(errors, `${path}.service.port.name`, portText, portName);
  else if (number === 0) errors.push(required(path, "port name or number is required"));
  else portNumber(errors, number, `${path}.service.port.number`);
}

/** What is wrong with an IngressClass. */
export function ingressClassProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const controller = text(spec, "controller");
  if (controller.length > 250) {
    errors.push({ type: "FieldValueTooLong", field: "spec.controller", detail: "may not be more than 250 bytes" });
  }
  domainPathRule(errors, controller, "spec.controller");
  const parameters = maybe(spec, "parameters");
  if (parameters === undefined) return errors;
  const path = "spec.parameters";
  typedReferenceRule(errors, parameters, path);
  const scope = text(parameters, "scope");
  if (scope === "") errors.push(required(`${path}.scope`));
  else oneOf(errors, scope, `${path}.scope`, ["Cluster", "Namespace"]);
  const namespace = text(parameters, "namespace");
  if (scope === "Namespace") {
    if (namespace === "") errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else each(errors, `${path}.namespace`, namespace, dns1123Label);
  } else if (scope === "Cluster" && has(parameters, "namespace")) {
    errors.push({
      type: "FieldValueForbidden",
      field: `${path}.namespace`,
      detail: "`parameters.scope` is set to 'Cluster'",
    });
  }
  return errors;
}

function domainPathRule(errors: FieldError[], value: string, path: string): void {
  if (value === "") {
    errors.push(required(path));
    return;
  }
  const slash = value.indexOf("/");
  if (slash < 0 || value.slice(slash + 1) === "") {
    errors.push(invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  const before = errors.length;
  each(errors, path, value.slice(0, slash), dns1123Subdomain);
  if (errors.length === before && !/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(value.slice(slash + 1))) {
    errors.push(
      invalid(
        path,
        value.slice(slash + 1),
        "a valid path (e.g. 'Valid/Path', regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
      ),
    );
  }
}
