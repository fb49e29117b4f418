import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { dns1123Label } from "../../../schema/name-rules.ts";
import { child, count, type Fields, has, items, text } from "../fields.ts";
import { containerResources } from "../rules/resource-rules.ts";
import { each, oneOf, portName, requiredName } from "../rules/scalar-rules.ts";
import { environmentRule } from "./env-rules.ts";
import { lifecycleRule, probesRule } from "./probe-rules.ts";
import { containerSecurityRule } from "./security-rules.ts";
import { mountsRule } from "./volume-rules.ts";

/** What containers of a pod may refer to. */
export interface PodContext {
  readonly volumes: ReadonlyMap<string, Fields>;
  readonly claims: ReadonlySet<string>;
  readonly hostNetwork: boolean;
}

/** All containers of a pod but the ephemeral ones. */
export function containersRule(errors: FieldError[], spec: Fields, path: string, context: PodContext): void {
  const names = new Set<string>();
  const containers = items(spec, "containers");
  if (containers.length === 0) errors.push(required(`${path}.containers`));
  for (const [i, container] of containers.entries()) {
    const at = `${path}.containers[${i}]`;
    containerRule(errors, container, at, context);
    uniqueName(errors, container, at, names);
    lifecycleRule(errors, container, at);
    probesRule(errors, container, at);
    if (has(container, "restartPolicy")) {
      errors.push(forbidden(`${at}.restartPolicy`, "may not be set for non-init containers"));
    }
  }
  hostPortsRule(errors, containers, `${path}.containers`);
  for (const [i, container] of items(spec, "initContainers").entries()) {
    initContainerRule(errors, container, `${path}.initContainers[${i}]`, { ...context, names });
  }
}

function uniqueName(errors: FieldError[], container: Fields, path: string, names: Set<string>): void {
  const name = text(container, "name");
  if (name === "") return;
  if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
  names.add(name);
}

const ONLY_FOR_SIDECARS = "may not be set for init containers without restartPolicy=Always";

function initContainerRule(
  errors: FieldError[],
  container: Fields,
  path: string,
  context: PodContext & { readonly names: Set<string> },
): void {
  const isSidecar = text(container, "restartPolicy") === "Always";
  containerRule(errors, container, path, context);
  uniqueName(errors, container, path, context.names);
  hostPortsRule(errors, [container], path.slice(0, path.lastIndexOf("[")));
  if (has(container, "restartPolicy") && !isSidecar) {
    errors.push(notSupported(`${path}.restartPolicy`, text(container, "restartPolicy"), ["Always"]));
  }
  if (isSidecar) {
    lifecycleRule(errors, container, path);
    probesRule(errors, container, path);
    return;
  }
  for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
    if (has(container, name)) errors.push(forbidden(`${path}.${name}`, ONLY_FOR_SIDECARS));
  }
}

function containerRule(errors: FieldError[], container: Fields, path: string, context: PodContext): void {
  requiredName(errors, container, "name", path, dns1123Label);
  const image = text(container, "image");
  if (image === "") errors.push(required(`${path}.image`));
  else if (image.trim() !== image) {
    errors.push(invalid(`${path}.image`, image, "must not have leading or trailing whitespace"));
  }
  oneOf(errors, text(container, "terminationMessagePolicy"), `${path}.terminationMessagePolicy`, [
    "File",
    "FallbackToLogsOnError",
  ]);
  portsRule(errors, container, path, context.hostNetwork);
  environmentRule(errors, container, path);
  mountsRule(errors, container, path, context.volumes);
  oneOf(errors, text(container, "imagePullPolicy"), `${path}.imagePullPolicy`, ["Always", "IfNotPresent", "Never"]);
  containerResources(errors, child(container, "resources"), `${path}.resources`, context.claims);
  resizePolicyRule(errors, container, path);
  containerSecurityRule(errors, container, path);
}

function portsRule(errors: FieldError[], container: Fields, path: string, hostNetwork: boolean): void {
  const names = new Set<string>();
  for (const [i, port] of items(container, "ports").entries()) {
    const at = `${path}.ports[${i}]`;
    const name = text(port, "name");
    if (name !== "") {
      const before = errors.length;
      each(errors, `${at}.name`, name, portName);
      if (errors.length === before) {
        if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
        names.add(name);
      }
    }
    const containerPort = count(port, "containerPort");
    const hostPort = count(port, "hostPort");
    if (containerPort === 0) errors.push(required(`${at}.containerPort`));
    else rangeRule(errors, containerPort, `${at}.containerPort`);
    if (hostPort !== 0) rangeRule(errors, hostPort, `${at}.hostPort`);
    if (hostNetwork && hostPort !== containerPort) {
      errors.push(invalid(`${at}.containerPort`, containerPort, "must match `hostPort` when `hostNetwork` is true"));
    }
    oneOf(errors, text(port, "protocol"), `${at}.protocol`, ["SCTP", "TCP", "UDP"]);
  }
}

function rangeRule(errors: FieldError[], port: number, path: string): void {
  if (port < 1 || port > 65_535) errors.push(invalid(path, port, "must be between 1 and 65535, inclusive"));
}

function hostPortsRule(errors: FieldError[], containers: readonly Fields[], path: string): void {
  const taken = new Set<string>();
  for (const [c, container] of containers.entries()) {
    for (const [p, port] of items(container, "ports").entries()) {
      const hostPort = count(port, "hostPort");
      if (hostPort === 0) continue;
      const key = `${text(port, "protocol")}/${text(port, "hostIP")}/${hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${path}[${c}].ports[${p}].hostPort`, key));
      taken.add(key);
    }
  }
}

function resizePolicyRule(errors: FieldError[], container: Fields, path: string): void {
  const seen = new Set<string>();
  for (const [i, policy] of items(container, "resizePolicy").entries()) {
    const at = `${path}.resizePolicy[${i}]`;
    const resource = text(policy, "resourceName");
    if (seen.has(resource)) errors.push(duplicate(at, resource));
    seen.add(resource);
    if (resource === "") errors.push(required(`${path}.resizePolicy`));
    else oneOf(errors, resource, `${path}.resizePolicy`, ["cpu", "memory"]);
    oneOf(errors, text(policy, "restartPolicy"), `${path}.resizePolicy`, ["NotRequired", "RestartContainer"]);
  }
}
