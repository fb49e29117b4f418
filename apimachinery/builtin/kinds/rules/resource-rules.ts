// Rules for amounts of resources: requests, limits, capacities, quotas.
import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import { qualifiedName } from "../../../schema/name-rules.ts";
import { quantityNano } from "../decode/quantity.ts";
import { child, type Fields, items, text, textMap } from "../fields.ts";
import { each, NOT_NEGATIVE } from "./scalar-rules.ts";

const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);
const QUOTA_RESOURCES: ReadonlySet<string> = new Set([
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.storage",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "persistentvolumeclaims",
  "configmaps",
  "services.nodeports",
  "services.loadbalancers",
]);
const INTEGER_RESOURCES: ReadonlySet<string> = new Set([
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);
const NANO = 1_000_000_000n;
const HUGE_PAGES = "hugepages-";

function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

export function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith("requests.");
}

/** A name that any object may give a resource. */
export function resourceName(errors: FieldError[], name: string, path: string): void {
  each(errors, path, name, qualifiedName);
  if (errors.some((error) => error.field === path) || name.includes("/")) return;
  const known = QUOTA_RESOURCES.has(name) || name.startsWith(HUGE_PAGES) || name.startsWith("requests.hugepages-");
  if (!known && name !== "storage") {
    errors.push(invalid(path, name, "must be a standard resource type or fully qualified"));
  }
}

function containerResourceName(errors: FieldError[], name: string, path: string): void {
  resourceName(errors, name, path);
  if (!name.includes("/") && !CONTAINER_RESOURCES.has(name) && !name.startsWith(HUGE_PAGES)) {
    errors.push(invalid(path, name, "must be a standard resource for containers"));
  }
}

/** A name that a quota may limit. */
export function quotaResourceName(errors: FieldError[], name: string, path: string): void {
  const before = errors.length;
  each(errors, path, name, qualifiedName);
  if (errors.length > before || name.includes("/")) return;
  if (!QUOTA_RESOURCES.has(name) && !name.startsWith(HUGE_PAGES) && !name.startsWith("requests.hugepages-")) {
    errors.push(invalid(path, name, "must be a standard resource for quota"));
  }
}

/** An amount: never negative, whole where things are counted. */
export function quantityRule(errors: FieldError[], name: string, value: string, path: string): void {
  const nano = quantityNano(value);
  if (nano < 0n) errors.push(invalid(path, value, NOT_NEGATIVE));
  if ((INTEGER_RESOURCES.has(name) || isExtended(name)) && nano % NANO !== 0n) {
    errors.push(invalid(path, value, "must be an integer"));
  }
}

/** Requests and limits of a container. */
export function containerResources(
  errors: FieldError[],
  resources: Fields,
  path: string,
  claimNames: ReadonlySet<string>,
): void {
  const limits = textMap(resources, "limits");
  const requests = textMap(resources, "requests");
  for (const name of Object.keys(limits).sort()) {
    containerResourceName(errors, name, `${path}.limits[${name}]`);
    quantityRule(errors, name, limits[name] as string, `${path}.limits[${name}]`);
  }
  for (const name of Object.keys(requests).sort()) {
    containerResourceName(errors, name, `${path}.requests[${name}]`);
    quantityRule(errors, name, requests[name] as string, `${path}.requests[${name}]`);
    requestWithinLimit(errors, name, requests[name] as string, { limit: limits[name], path: `${path}.requests` });
  }
  const claims = new Set<string>();
  for (const [i, claim] of items(resources, "claims").entries()) {
    const name = text(claim, "name");
    const at = `${path}.claims[${i}]`;
    if (name === "") errors.push(required(`${at}.name`));
    else if (claims.has(name)) errors.push({ type: "FieldValueDuplicate", field: at, value: name, detail: "" });
    else if (!claimNames.has(name)) errors.push({ type: "FieldValueNotFound", field: at, value: name, detail: "" });
    claims.add(name);
  }
}

function requestWithinLimit(
  errors: FieldError[],
  name: string,
  request: string,
  { limit, path }: { limit: string | undefined; path: string },
): void {
  const overcommits = isNative(name) && !name.startsWith(HUGE_PAGES);
  if (limit === undefined) {
    if (!overcommits)
      errors.push(required(path.replace(/requests$/, "limits"), "Limit must be set for non overcommitable resources"));
    return;
  }
  const difference = quantityNano(request) - quantityNano(limit);
  if (!overcommits && difference !== 0n) {
    errors.push(invalid(path, request, `must be equal to ${name} limit of ${limit}`));
  } else if (overcommits && difference > 0n) {
    errors.push(invalid(path, request, `must be less than or equal to ${name} limit of ${limit}`));
  }
}

/** The amounts under a name of a struct. */
export function amounts(parent: Fields, ...path: readonly string[]): Readonly<Record<string, string>> {
  let at = parent;
  for (const name of path) at = child(at, name);
  return at as Record<string, string>;
}
