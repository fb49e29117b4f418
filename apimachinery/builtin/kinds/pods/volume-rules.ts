// Volumes of pods and where containers mount them.
import { duplicate, type FieldError, forbidden, invalid, notFound, required } from "../../../meta/field-error.ts";
import { dns1123Label } from "../../../schema/name-rules.ts";
import { child, count, type Fields, has, items, maybe, text } from "../fields.ts";
import { oneOf, requiredName } from "../rules/scalar-rules.ts";
import { fieldRefRule, resourceRefRule, VOLUME_FIELDS } from "./env-rules.ts";

/** Checks the volumes of a pod. @returns names of those that are valid, with their volume */
export function volumesRule(errors: FieldError[], spec: Fields, path: string): ReadonlyMap<string, Fields> {
  const valid = new Map<string, Fields>();
  for (const [i, volume] of items(spec, "volumes").entries()) {
    const at = `${path}.volumes[${i}]`;
    const found: FieldError[] = [];
    sourceRule(found, volume, at);
    requiredName(found, volume, "name", at, dns1123Label);
    const name = text(volume, "name");
    if (valid.has(name)) found.push(duplicate(`${at}.name`, name));
    if (found.length === 0) valid.set(name, volume);
    else errors.push(...found);
  }
  return valid;
}

/** In the order in which the original looks at them: the first source is judged, further ones are refused. */
const SOURCES: readonly string[] = [
  "emptyDir",
  "hostPath",
  "gitRepo",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "secret",
  "nfs",
  "iscsi",
  "glusterfs",
  "flocker",
  "persistentVolumeClaim",
  "rbd",
  "cinder",
  "cephfs",
  "quobyte",
  "downwardAPI",
  "fc",
  "azureFile",
  "configMap",
  "vsphereVolume",
  "photonPersistentDisk",
  "azureDisk",
  "storageos",
  "projected",
  "portworxVolume",
  "scaleIO",
  "csi",
  "ephemeral",
  "flexVolume",
  "image",
];

function sourceRule(errors: FieldError[], volume: Fields, path: string): void {
  let found = false;
  for (const name of SOURCES) {
    const source = maybe(volume, name);
    if (source === undefined) continue;
    if (found) errors.push(forbidden(`${path}.${name}`, "may not specify more than 1 volume type"));
    else volumeSourceRule(errors, name, source, `${path}.${name}`);
    found = true;
  }
  if (!found) errors.push(required(path, "must specify a volume type"));
}

/** Members that must not be empty, for sources without rules of their own. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  hostPath: ["path"],
  gitRepo: ["repository"],
  gcePersistentDisk: ["pdName"],
  awsElasticBlockStore: ["volumeID"],
  nfs: ["server", "path"],
  iscsi: ["targetPortal", "iqn"],
  glusterfs: ["endpoints", "path"],
  persistentVolumeClaim: ["claimName"],
  rbd: ["image"],
  cinder: ["volumeID"],
  azureFile: ["secretName", "shareName"],
  azureDisk: ["diskName", "diskURI"],
  vsphereVolume: ["volumePath"],
  photonPersistentDisk: ["pdID"],
  portworxVolume: ["volumeID"],
  scaleIO: ["gateway", "system", "volumeName"],
  csi: ["driver"],
  flexVolume: ["driver"],
  quobyte: ["registry", "volume"],
};

/** The rules of one source, in a pod or in a persistent volume. */
export function volumeSourceRule(errors: FieldError[], name: string, source: Fields, path: string): void {
  for (const member of REQUIRED[name] ?? []) {
    if (text(source, member) === "") errors.push(required(`${path}.${member}`));
  }
  switch (name) {
    case "emptyDir":
      if (text(source, "sizeLimit").startsWith("-")) {
        errors.push(forbidden(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity"));
      }
      break;
    case "hostPath":
      hostPathRule(errors, source, path);
      break;
    case "nfs":
      if (text(source, "path") !== "" && !text(source, "path").startsWith("/")) {
        errors.push(invalid(`${path}.path`, text(source, "path"), "must be an absolute path"));
      }
      break;
    case "secret":
      if (text(source, "secretName") === "") errors.push(required(`${path}.secretName`));
      filesRule(errors, source, path);
      break;
    case "configMap":
      if (text(source, "name") === "") errors.push(required(`${path}.name`));
      filesRule(errors, source, path);
      break;
    case "downwardAPI":
      modeRule(errors, source["defaultMode"], `${path}.defaultMode`);
      downwardRule(errors, source, path);
      break;
    case "projected":
      modeRule(errors, source["defaultMode"], `${path}.defaultMode`);
      projectedRule(errors, source, path);
      break;
    case "ephemeral":
      if (!has(source, "volumeClaimTemplate")) errors.push(required(`${path}.volumeClaimTemplate`));
      break;
    default:
  }
}

const HOST_PATH_TYPES = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];

function hostPathRule(errors: FieldError[], source: Fields, path: string): void {
  const value = text(source, "path");
  if (value === "") return;
  if (value.split("/").includes("..")) {
    errors.push(invalid(`${path}.path`, value, "must not contain '..'"));
  }
  if (has(source, "type")) oneOf(errors, text(source, "type"), `${path}.type`, HOST_PATH_TYPES);
}

function modeRule(errors: FieldError[], mode: unknown, path: string): void {
  if (typeof mode !== "number" || (mode >= 0 && mode <= 0o777)) return;
  errors.push(invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive"));
}

function filesRule(errors: FieldError[], source: Fields, path: string): void {
  modeRule(errors, source["defaultMode"], `${path}.defaultMode`);
  for (const [i, item] of items(source, "items").entries()) {
    const at = `${path}.items[${i}]`;
    if (text(item, "key") === "") errors.push(required(`${at}.key`));
    localPathRule(errors, text(item, "path"), `${at}.path`);
    modeRule(errors, item["mode"], `${at}.mode`);
  }
}

/** A path below a mount: relative, and staying there. */
function localPathRule(errors: FieldError[], value: string, path: string): void {
  if (value === "") {
    errors.push(required(path));
    return;
  }
  if (value.startsWith("/")) errors.push(invalid(path, value, "must be a relative path"));
  if (value.split("/").includes("..")) errors.push(invalid(path, value, "must not contain '..'"));
  if (value.startsWith("..") && !value.startsWith("../") && value !== "..") {
    errors.push(invalid(path, value, "must not start with '..'"));
  }
}

function downwardRule(errors: FieldError[], source: Fields, path: string): void {
  for (const [i, item] of items(source, "items").entries()) {
    const at = path.endsWith("downwardAPI") ? path : `${path}.items[${i}]`;
    localPathRule(errors, text(item, "path"), `${at}.path`);
    const field = maybe(item, "fieldRef");
    const resource = maybe(item, "resourceFieldRef");
    if (field !== undefined) {
      fieldRefRule(errors, field, `${at}.fieldRef`, VOLUME_FIELDS);
      if (resource !== undefined)
        errors.push(invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
    } else if (resource !== undefined) resourceRefRule(errors, resource, `${at}.resourceFieldRef`, true);
    else errors.push(required(`${at}.fieldRef`, "one of fieldRef and resourceFieldRef is required"));
    modeRule(errors, item["mode"], `${at}.mode`);
  }
}

const PROJECTIONS = [
  "secret",
  "configMap",
  "downwardAPI",
  "serviceAccountToken",
  "clusterTrustBundle",
  "podCertificate",
];

function projectedRule(errors: FieldError[], source: Fields, path: string): void {
  for (const [i, projection] of items(source, "sources").entries()) {
    const at = `${path}.sources[${i}]`;
    const kinds = PROJECTIONS.filter((name) => has(projection, name));
    if (kinds.length > 1)
      errors.push(forbidden(`${at}.${kinds[1]}`, "may not specify more than 1 volume type per source"));
    const kind = kinds[0];
    if (kind === undefined) {
      errors.push(required(at, "one of secret, configMap, downwardAPI, serviceAccountToken is required"));
      continue;
    }
    const value = child(projection, kind);
    if (kind === "secret" || kind === "configMap") {
      if (text(value, "name") === "") errors.push(required(`${at}.${kind}.name`));
      filesRule(errors, value, `${at}.${kind}`);
    } else if (kind === "downwardAPI") downwardRule(errors, value, `${at}.${kind}`);
    else if (kind === "serviceAccountToken") tokenRule(errors, value, `${at}.${kind}`);
  }
}

function tokenRule(errors: FieldError[], token: Fields, path: string): void {
  const seconds = count(token, "expirationSeconds");
  if (seconds < 600) {
    errors.push(invalid(`${path}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes"));
  }
  if (seconds > 2 ** 32) {
    errors.push(invalid(`${path}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
  if (text(token, "path") === "") errors.push(required(`${path}.path`));
  else localPathRule(errors, text(token, "path"), `${path}.path`);
}

/** Mounts of a container. */
export function mountsRule(
  errors: FieldError[],
  container: Fields,
  path: string,
  volumes: ReadonlyMap<string, Fields>,
): void {
  const seen = new Set<string>();
  for (const [i, mount] of items(container, "volumeMounts").entries()) {
    const at = `${path}.volumeMounts[${i}]`;
    const name = text(mount, "name");
    const mountPath = text(mount, "mountPath");
    if (name === "") errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (mountPath === "") errors.push(required(`${at}.mountPath`));
    if (seen.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, "must be unique"));
    seen.add(mountPath);
    for (const member of ["subPath", "subPathExpr"]) {
      const value = text(mount, member);
      // The original names the list, not the item.
      if (value !== "") localPathRule(errors, value, `${path}.volumeMounts.${member}`);
    }
    if (text(mount, "subPath") !== "" && text(mount, "subPathExpr") !== "") {
      errors.push(
        invalid(`${at}.subPathExpr`, text(mount, "subPathExpr"), "subPathExpr and subPath are mutually exclusive"),
      );
    }
  }
  devicesRule(errors, container, path, { volumes, mounted: seen });
}

function devicesRule(
  errors: FieldError[],
  container: Fields,
  path: string,
  { volumes, mounted }: { volumes: ReadonlyMap<string, Fields>; mounted: ReadonlySet<string> },
): void {
  const paths = new Set<string>();
  for (const [i, device] of items(container, "volumeDevices").entries()) {
    const at = `${path}.volumeDevices[${i}]`;
    const name = text(device, "name");
    const devicePath = text(device, "devicePath");
    if (name === "") errors.push(required(`${at}.name`));
    const volume = volumes.get(name);
    if (volume === undefined) errors.push(notFound(`${at}.name`, name));
    else if (!has(volume, "persistentVolumeClaim") && !has(volume, "ephemeral")) {
      errors.push(
        invalid(
          `${at}.name`,
          name,
          "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
        ),
      );
    }
    if (devicePath === "") errors.push(required(`${at}.devicePath`));
    else if (paths.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, "must be unique"));
    else if (mounted.has(devicePath)) {
      errors.push(invalid(`${at}.devicePath`, devicePath, "must not already exist as a path in volumeMounts"));
    }
    paths.add(devicePath);
  }
}
