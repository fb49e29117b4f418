import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { isStorageForm, type ResourceType } from "../resources/resource-type.ts";

/** The form an object of `type` is stored in. */
export function toStorage(type: ResourceType, object: KubeObject): KubeObject {
  if (isStorageForm(type)) return object;
  if (type.toStorage !== undefined) return type.toStorage(object);
  return { ...object, apiVersion: apiVersionOf({ group: type.group, version: type.storageVersion }) };
}

/** A stored object in the version of `type`. */
export function toServed(type: ResourceType, stored: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(type);
  if (type.convert !== undefined) return type.convert(stored);
  return stored.apiVersion === apiVersion ? stored : { ...stored, apiVersion };
}

/** A stored object's JSON in the version of `type`, without parsing it where it is stored in that version. */
export function servedJson(type: ResourceType, stored: { readonly json: string; readonly object: KubeObject }): string {
  if (isStorageForm(type) && stored.json.startsWith(prefixOf(type))) return stored.json;
  const served = toServed(type, stored.object);
  return served === stored.object ? stored.json : JSON.stringify(served);
}

const prefixes = new WeakMap<ResourceType, string>();
function prefixOf(type: ResourceType): string {
  let prefix = prefixes.get(type);
  if (prefix === undefined) {
    prefix = `{"kind":"${type.kind}","apiVersion":"${apiVersionOf(type)}"`;
    prefixes.set(type, prefix);
  }
  return prefix;
}
