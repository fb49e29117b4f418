import { child, type Fields, has, items, maybe, setDefault, setDefaultText } from "../fields.ts";

const FILE_MODE = 0o644;

/** Fills in what volumes leave out; a volume without a source is an empty directory. */
export function defaultVolumes(volumes: readonly Fields[]): void {
  for (const volume of volumes) {
    if (Object.keys(volume).every((key) => key === "name")) volume["emptyDir"] = {};
    for (const name of ["secret", "configMap", "downwardAPI", "projected"]) {
      const source = maybe(volume, name);
      if (source !== undefined) setDefault(source, "defaultMode", FILE_MODE);
    }
    defaultFieldRefs(child(volume, "downwardAPI"));
    for (const source of items(child(volume, "projected"), "sources")) defaultProjection(source);
    const template = child(child(child(volume, "ephemeral"), "volumeClaimTemplate"), "spec");
    if (has(child(volume, "ephemeral"), "volumeClaimTemplate")) setDefault(template, "volumeMode", "Filesystem");
    defaultVolumeSource(volume);
  }
}

function defaultFieldRefs(downward: Fields): void {
  for (const item of items(downward, "items")) {
    const fieldRef = maybe(item, "fieldRef");
    if (fieldRef !== undefined) setDefaultText(fieldRef, "apiVersion", "v1");
  }
}

function defaultProjection(source: Fields): void {
  defaultFieldRefs(child(source, "downwardAPI"));
  const token = maybe(source, "serviceAccountToken");
  if (token !== undefined) setDefault(token, "expirationSeconds", 3600);
}

/** Defaults of the sources that pods and persistent volumes share. */
export function defaultVolumeSource(volume: Fields): void {
  const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    hostPath: { type: "" },
    iscsi: { iscsiInterface: "default" },
    rbd: { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" },
    azureDisk: { cachingMode: "ReadWrite", fsType: "ext4", readOnly: false, kind: "Shared" },
    scaleIO: { storageMode: "ThinProvisioned", fsType: "xfs" },
  };
  for (const name in defaults) {
    const source = maybe(volume, name);
    if (source === undefined) continue;
    const missing = defaults[name] as Readonly<Record<string, unknown>>;
    for (const key in missing) setDefault(source, key, missing[key]);
  }
}
