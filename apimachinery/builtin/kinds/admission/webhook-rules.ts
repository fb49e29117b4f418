// Rules that webhook configurations and admission policies share.
import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import { dns1123Subdomain } from "../../../schema/name-rules.ts";
import { child, type Fields, has, maybe, text, texts } from "../fields.ts";
import { each, oneOf } from "../rules/scalar-rules.ts";

const OPERATIONS = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

/** Which requests a webhook or a policy is about. */
export function operationsRule(errors: FieldError[], rule: Fields, path: string): void {
  const operations = texts(rule, "operations");
  if (operations.length === 0) errors.push(required(`${path}.operations`));
  else if (operations.length > 1 && operations.includes("*")) {
    errors.push(invalid(`${path}.operations`, operations, "if '*' is present, must not specify other operations"));
  }
  for (const [i, operation] of operations.entries()) oneOf(errors, operation, `${path}.operations[${i}]`, OPERATIONS);
  wildcardRule(errors, rule, path, ["apiGroups", "API groups", true]);
  wildcardRule(errors, rule, path, ["apiVersions", "API versions", false]);
  resourcesRule(errors, texts(rule, "resources"), `${path}.resources`);
  if (has(rule, "scope")) oneOf(errors, text(rule, "scope"), `${path}.scope`, ["*", "Cluster", "Namespaced"]);
}

function wildcardRule(
  errors: FieldError[],
  rule: Fields,
  path: string,
  [name, words, mayBeEmpty]: readonly [string, string, boolean],
): void {
  const values = texts(rule, name);
  const at = `${path}.${name}`;
  if (values.length === 0) errors.push(required(at));
  if (values.length > 1 && values.includes("*")) {
    errors.push(invalid(at, values, `if '*' is present, must not specify other ${words}`));
  }
  if (mayBeEmpty) return;
  for (const [i, value] of values.entries()) if (value === "") errors.push(required(`${at}[${i}]`));
}

function resourcesRule(errors: FieldError[], resources: readonly string[], path: string): void {
  if (resources.length === 0) errors.push(required(path));
  const allSubresourcesOf = new Set<string>();
  const everywhere = new Set<string>();
  let withoutSubresources = false;
  let everything = false;
  for (const [i, resource] of resources.entries()) {
    const at = `${path}[${i}]`;
    if (resource === "") {
      errors.push(required(at));
      continue;
    }
    if (resource === "*/*") everything = true;
    if (resource === "*") withoutSubresources = true;
    const slash = resource.indexOf("/");
    if (slash < 0) continue;
    const [name, part] = [resource.slice(0, slash), resource.slice(slash + 1)];
    if (allSubresourcesOf.has(name))
      errors.push(invalid(at, resource, `if '${name}/*' is present, must not specify ${resource}`));
    if (everywhere.has(part))
      errors.push(invalid(at, resource, `if '*/${part}' is present, must not specify ${resource}`));
    if (part === "*") allSubresourcesOf.add(name);
    if (name === "*") everywhere.add(part);
  }
  if (resources.length > 1 && everything) {
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (withoutSubresources && resources.some((resource) => resource !== "*" && !resource.includes("/"))) {
    errors.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"));
  }
}

/** Where a webhook is reached. */
export function clientConfigRule(errors: FieldError[], webhook: Fields, path: string): void {
  const config = child(webhook, "clientConfig");
  const at = `${path}.clientConfig`;
  const service = maybe(config, "service");
  if (has(config, "url") === (service !== undefined)) {
    errors.push(required(at, "exactly one of url or service is required"));
  } else if (service !== undefined) serviceRule(errors, service, `${at}.service`);
  else urlRule(errors, text(config, "url"), `${at}.url`);
}

const URL_FORM = "; desired format: https://host[/path]";

function urlRule(errors: FieldError[], value: string, path: string): void {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    if (/^[a-z][a-z0-9+.-]*:\/\/\//i.test(value)) {
      errors.push(invalid(path, value, `host must be specified${URL_FORM}`));
      return;
    }
    if (/^[a-z][a-z0-9+.-]*:/i.test(value)) {
      errors.push(required(path, `url must be a valid URL: parse ${JSON.stringify(value)}: invalid URL${URL_FORM}`));
      return;
    }
    errors.push(invalid(path, "", `'https' is the only allowed URL scheme${URL_FORM}`));
    if (!value.startsWith("//")) errors.push(invalid(path, "", `host must be specified${URL_FORM}`));
    return;
  }
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== "https") errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${URL_FORM}`));
  if (url.host === "") errors.push(invalid(path, url.host, `host must be specified${URL_FORM}`));
  if (url.username !== "") {
    const user = url.password === "" ? url.username : `${url.username}:${url.password}`;
    errors.push(invalid(path, user, "user information is not permitted in the URL"));
  }
  if (url.hash !== "") errors.push(invalid(path, url.hash.slice(1), "fragments are not permitted in the URL"));
  if (url.search !== "")
    errors.push(invalid(path, url.search.slice(1), "query parameters are not permitted in the URL"));
}

function serviceRule(errors: FieldError[], service: Fields, path: string): void {
  for (const name of ["name", "namespace"]) if (text(service, name) === "") errors.push(required(`${path}.${name}`));
  const port = service["port"];
  if (typeof port !== "number" || port < 1 || port > 65_535) {
    errors.push(invalid(`${path}.port`, port ?? 0, "port is not valid: must be between 1 and 65535, inclusive"));
  }
  const value = service["path"];
  if (typeof value !== "string" || value === "/") return;
  const at = `${path}.path`;
  if (value === "//") {
    errors.push(invalid(at, value, "segment[0] may not be empty"));
    return;
  }
  if (!value.startsWith("/")) errors.push(invalid(at, value, "must start with a '/'"));
  const rest = value.replace(/^\//, "").replace(/\/$/, "");
  for (const [i, segment] of rest.split("/").entries()) {
    if (segment === "") {
      errors.push(invalid(at, value, `segment[${i}] may not be empty`));
      continue;
    }
    for (const problem of dns1123Subdomain(segment)) errors.push(invalid(at, value, `segment[${i}]: ${problem}`));
  }
}

/** A name with at least three parts, as webhooks and match conditions have. */
export function webhookName(errors: FieldError[], name: string, path: string): void {
  if (name === "") {
    errors.push(required(path));
    return;
  }
  const before = errors.length;
  each(errors, path, name, dns1123Subdomain);
  if (errors.length === before && name.split(".").length < 3) {
    errors.push(invalid(path, name, "should be a domain with at least three segments separated by dots"));
  }
}
