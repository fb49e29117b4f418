import { forbidden, type FieldError } from "@holdfast/apimachinery/meta/field-error";
import { badRequest, failure, invalidObject } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type KubeObject, parseApiVersion } from "@holdfast/apimachinery/meta/types";
import type { ResourceType } from "../resources/resource-type.ts";
import type { Caller, WriteOptions } from "./kube-context.ts";

/** `apps/v1, Kind=Deployment` */
export function kindText(type: { readonly group: string; readonly version: string; readonly kind: string }): string {
  return `${apiVersionOf(type)}, Kind=${type.kind}`;
}

/** A body must be an object of the resource's own kind; an absent kind or apiVersion is filled in for built-in kinds. */
export function checkKind(body: unknown, type: ResourceType): KubeObject {
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw badRequest(`the body is not an object of kind ${type.kind}`);
  }
  const object = body as KubeObject;
  const apiVersion = apiVersionOf(type);
  if (type.definition === undefined) {
    if (object.apiVersion === undefined || object.apiVersion === "") object.apiVersion = apiVersion;
    if (object.kind === undefined || object.kind === "") object.kind = type.kind;
  }
  const sent = parseApiVersion(String(object.apiVersion ?? ""));
  if (typeof object.kind !== "string" || object.kind === "") throw badRequest("Object 'Kind' is missing in '" + preview(object) + "'");
  if (typeof object.apiVersion !== "string" || object.apiVersion === "") throw badRequest("Object 'apiVersion' is missing in '" + preview(object) + "'");
  if (sent === undefined) throw badRequest(`unexpected GroupVersion string: ${object.apiVersion}`);
  if (sent.group !== type.group || sent.version !== type.version || object.kind !== type.kind) {
    const got = `${object.apiVersion}, Kind=${object.kind}`;
    if (type.definition !== undefined && sent.group === type.group && sent.version === type.version) {
      return object;
    }
    throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: converting (${got}) to (${kindText(type)}): unknown conversion`);
  }
  if (object.metadata === undefined || object.metadata === null) object.metadata = {};
  if (typeof object.metadata !== "object" || Array.isArray(object.metadata)) {
    throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: json: cannot unmarshal ${jsonWord(object.metadata)} into Go struct field ${type.kind}.metadata of type v1.ObjectMeta`);
  }
  return object;
}

export function jsonWord(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function preview(object: unknown): string {
  return JSON.stringify(object).slice(0, 1024);
}

/** The namespace of a body must be that of the request's path; an absent one is filled in. */
export function settleNamespace(object: KubeObject, type: ResourceType, namespace: string): void {
  const { metadata } = object;
  if (!type.namespaced) {
    if (metadata.namespace !== undefined && metadata.namespace !== "") {
      throw badRequest("namespace is not allowed on this type");
    }
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace !== undefined && metadata.namespace !== "" && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  metadata.namespace = namespace;
}

/** fieldValidation: refuses or warns of what the body says twice or the kind does not know. */
export function judgeStrictness(
  type: ResourceType,
  found: { unknown: readonly string[]; duplicates: readonly string[] },
  options: WriteOptions,
  caller: Caller,
): void {
  const texts = [
    ...found.duplicates,
    ...[...found.unknown].sort().map((path) => `unknown field "${path}"`),
  ];
  if (texts.length === 0 || options.fieldValidation === "Ignore") return;
  if (options.fieldValidation === "Strict") {
    throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${texts.join(", ")}`);
  }
  for (const text of texts) caller.warn(text);
}

/** Throws 422 when there are errors. */
export function refuseInvalid(type: ResourceType, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject({ group: type.group, resource: type.kind }, name, errors);
}

/** metadata.name against the name of the path. */
export function settleName(object: KubeObject, name: string): void {
  const sent = object.metadata.name;
  if (sent === undefined || sent === "") {
    object.metadata.name = name;
    return;
  }
  if (sent !== name) {
    throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`);
  }
}

/** A resourceVersion from outside: undefined when absent. @throws 500 for text that is no number, as the original does */
export function parseResourceVersion(value: unknown, what: string): number | undefined {
  if (value === undefined || value === "" || value === null) return undefined;
  if (typeof value !== "string" || !/^\d{1,16}$/.test(value)) {
    throw failure("", `${what}: Invalid value: ${JSON.stringify(value)}: strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`, { code: 500 });
  }
  return Number(value);
}

/** Finalizers may only go, not come, once deletion has begun. */
export function newFinalizersWhileDeleting(next: KubeObject, old: KubeObject): FieldError[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = new Set(old.metadata.finalizers ?? []);
  const added = (next.metadata.finalizers ?? []).filter((f) => !before.has(f));
  if (added.length === 0) return [];
  return [forbidden("metadata.finalizers", `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(", ")}}`)];
}
