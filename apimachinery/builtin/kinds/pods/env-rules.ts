import { type FieldError, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { child, type Fields, has, items, maybe, text } from "../fields.ts";
import { configMapKey, each, environmentName } from "../rules/scalar-rules.ts";

const ENV_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
const OTHER_FIELDS: ReadonlySet<string> = new Set([
  "metadata.annotations",
  "metadata.labels",
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
]);
export const VOLUME_FIELDS = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];
const RESOURCES = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const SOURCES = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

/** Variables of a container and the maps they are taken from. */
export function environmentRule(errors: FieldError[], container: Fields, path: string): void {
  for (const [i, variable] of items(container, "env").entries()) {
    const at = `${path}.env[${i}]`;
    const name = text(variable, "name");
    if (name === "") errors.push(required(`${at}.name`));
    else each(errors, `${at}.name`, name, environmentName);
    const source = maybe(variable, "valueFrom");
    if (source !== undefined) sourceRule(errors, source, `${at}.valueFrom`, text(variable, "value"));
  }
  for (const [i, source] of items(container, "envFrom").entries()) envFromRule(errors, source, `${path}.envFrom`, i);
}

function sourceRule(errors: FieldError[], source: Fields, path: string, value: string): void {
  let found = 0;
  for (const name of SOURCES) {
    const reference = maybe(source, name);
    if (reference === undefined) continue;
    found++;
    const at = `${path}.${name}`;
    if (name === "fieldRef") fieldRefRule(errors, reference, at, ENV_FIELDS);
    else if (name === "resourceFieldRef") resourceRefRule(errors, reference, at, false);
    else keyRefRule(errors, reference, at);
  }
  if (found === 0) {
    errors.push(
      invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"),
    );
  } else if (value !== "") errors.push(invalid(path, "", "may not be specified when `value` is not empty"));
  else if (found > 1) errors.push(invalid(path, "", "may not have more than one field specified at a time"));
}

function keyRefRule(errors: FieldError[], reference: Fields, path: string): void {
  if (text(reference, "name") === "" && !has(reference, "volumeName")) errors.push(required(`${path}.name`));
  const key = text(reference, "key");
  if (key === "") errors.push(required(`${path}.key`));
  else each(errors, `${path}.key`, key, configMapKey);
}

/** A field of the pod itself, in an environment variable or a volume. */
export function fieldRefRule(errors: FieldError[], reference: Fields, path: string, allowed: readonly string[]): void {
  const fieldPath = text(reference, "fieldPath");
  if (text(reference, "apiVersion") === "") {
    errors.push(required(`${path}.apiVersion`));
    return;
  }
  if (fieldPath === "") {
    errors.push(required(`${path}.fieldPath`));
    return;
  }
  const subscripted = /^(metadata\.(?:annotations|labels))\['(.*)'\]$/.exec(fieldPath);
  if (subscripted !== null) return;
  if (!ENV_FIELDS.includes(fieldPath) && !OTHER_FIELDS.has(fieldPath)) {
    errors.push(
      invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`),
    );
  } else if (!allowed.includes(fieldPath)) errors.push(notSupported(`${path}.fieldPath`, fieldPath, allowed));
}

/** An amount of a container of the pod. */
export function resourceRefRule(errors: FieldError[], reference: Fields, path: string, volume: boolean): void {
  const resource = text(reference, "resource");
  if (volume && text(reference, "containerName") === "") errors.push(required(`${path}.containerName`));
  else if (resource === "") errors.push(required(`${path}.resource`));
  else if (!RESOURCES.includes(resource) && !/^(?:limits|requests)\.hugepages-/.test(resource)) {
    errors.push(notSupported(`${path}.resource`, resource, RESOURCES));
  }
}

function envFromRule(errors: FieldError[], source: Fields, path: string, index: number): void {
  const prefix = text(source, "prefix");
  if (prefix !== "") each(errors, `${path}[${index}].prefix`, prefix, environmentName);
  const found = ["configMapRef", "secretRef"].filter((name) => has(source, name));
  for (const name of found) {
    if (text(child(source, name), "name") === "") errors.push(required(`${path}[${index}].${name}.name`));
  }
  if (found.length === 0) errors.push(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
  else if (found.length > 1) {
    errors.push(invalid(path, "", "may not have more than one field specified at a time"));
  }
}
