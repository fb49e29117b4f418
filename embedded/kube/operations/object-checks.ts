import type { FieldError } from "@holdfast/apimachinery/meta/field-error";
import { badRequest, failure, invalidObject } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type KubeObject, parseApiVersion } from "@holdfast/apimachinery/meta/types";
import { type BodySummary, unrecognized } from "../http/decode-body.ts";
import { builtinTypeKey } from "../resources/builtin-types.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { Caller, WriteOptions } from "./kube-context.ts";

/** `apps/v1, Kind=Deployment` */
export function kindText(type: { readonly group: string; readonly version: string; readonly kind: string }): string {
  return `${apiVersionOf(type)}, Kind=${type.kind}`;
}

/** A body must be an object of the resource's own kind; an absent kind or apiVersion is filled in for built-in kinds. */
export function checkKind(body: unknown, type: ResourceType, summary?: () => BodySummary): KubeObject {
  if (body === null || body === undefined || typeof body !== "object" || Array.isArray(body)) {
    throw badRequest(kindMissing(type, body, summary));
  }
  const object = body as KubeObject;
  if (type.definition === undefined) checkBuiltinKind(object, type);
  else checkCustomKind(object, type, summary);
  if (object.metadata === undefined || object.metadata === null) object.metadata = {};
  if (typeof object.metadata !== "object" || Array.isArray(object.metadata)) {
    const into = type.definition === undefined ? `struct field ${type.kind}.metadata` : "value";
    throw badRequest(
      `${cannotHandle(type)}: json: cannot unmarshal ${jsonWord(object.metadata)} into Go ${into} of type v1.ObjectMeta`,
    );
  }
  return object;
}

function cannotHandle(type: ResourceType, kind = type.kind, version = type.version): string {
  return `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${type.kind}`;
}

function kindMissing(type: ResourceType, body: unknown, summary: (() => BodySummary) | undefined): string {
  const text = JSON.stringify(body ?? null).slice(0, 1024);
  const shown = summary?.() ?? { text, head: text.slice(0, 30) };
  return unrecognized(type.kind, `Object 'Kind' is missing in '${shown.text}'`, shown);
}

function checkCustomKind(object: KubeObject, type: ResourceType, summary: (() => BodySummary) | undefined): void {
  if (typeof object.kind !== "string" || object.kind === "") throw badRequest(kindMissing(type, object, summary));
  const expected = apiVersionOf(type);
  const sent = typeof object.apiVersion === "string" ? object.apiVersion : "";
  if (sent !== expected) {
    throw badRequest(`the API version in the data (${sent}) does not match the expected API version (${expected})`);
  }
}

function checkBuiltinKind(object: KubeObject, type: ResourceType): void {
  if (object.apiVersion === undefined || object.apiVersion === "") object.apiVersion = apiVersionOf(type);
  if (object.kind === undefined || object.kind === "") object.kind = type.kind;
  const { kind, apiVersion } = object;
  const sent = parseApiVersion(String(apiVersion));
  if (sent === undefined) throw badRequest(`unexpected GroupVersion string: ${apiVersion}`);
  if (sent.group === type.group && sent.version === type.version && kind === type.kind) return;
  const what = cannotHandle(type, kind, sent.version);
  if (builtinTypeKey(sent.group, sent.version, kind) === undefined) {
    throw badRequest(
      `${what}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:110"`,
    );
  }
  throw badRequest(
    `${what}: converting (${sent.version}.${kind}) to (${internalPackage(type.group)}.${type.kind}): unknown conversion`,
  );
}

/** The package of the original's internal types of a group. */
export function internalPackage(group: string): string {
  return group === "" ? "core" : (group.split(".")[0] as string);
}

export function jsonWord(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** The namespace of a body must be that of the request's path; an absent one is filled in. */
export function settleNamespace(object: KubeObject, type: ResourceType, namespace: string): void {
  const { metadata } = object;
  if (!type.namespaced) {
    // Custom resources forget it, built-in kinds refuse it.
    if (type.definition === undefined && metadata.namespace !== undefined && metadata.namespace !== "") {
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
  const texts = strictnessTexts(found, options.fieldValidation === "Strict");
  if (texts.length === 0 || options.fieldValidation === "Ignore") return;
  if (options.fieldValidation === "Strict") {
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${texts.join(", ")}`,
    );
  }
  for (const text of texts) caller.warn(text);
}

/** @param joined - YAML's repeated keys as one complaint, as refusals show them; warnings have one each */
export function strictnessTexts(
  found: { readonly unknown: readonly string[]; readonly duplicates: readonly string[] },
  joined: boolean,
): string[] {
  const { duplicates } = found;
  const fromYaml = duplicates[0]?.startsWith("line ") === true;
  const repeated = joined && fromYaml ? [`yaml: unmarshal errors:\n  ${duplicates.join("\n  ")}`] : duplicates;
  return [...repeated, ...[...found.unknown].sort().map((path) => `unknown field "${path}"`)];
}

/** Throws 422 when there are errors. */
export function refuseInvalid(type: ResourceType, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject({ group: type.group, resource: type.kind }, name, errors);
}

/** metadata.name against the name of the path. */
export function settleName(object: KubeObject, name: string): void {
  const sent = object.metadata.name;
  if (sent === undefined || sent === "") {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (sent !== name) {
    throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`);
  }
}

/** Refuses a resourceVersion that is no number. @throws StatusError 500, as the original does */
export function checkResourceVersion(sent: unknown): void {
  if (sent === undefined || sent === null || sent === "") return;
  if (typeof sent !== "string" || !/^\d{1,20}$/.test(sent)) {
    throw failure("", `strconv.ParseUint: parsing ${JSON.stringify(sent)}: invalid syntax`, { code: 500 });
  }
}

/** An owner that is named twice with all the same words counts once. */
export function dropRepeatedOwners(object: KubeObject): void {
  const owners = object.metadata.ownerReferences;
  if (owners === undefined || owners.length < 2) return;
  const seen = new Map(owners.map((owner) => [JSON.stringify(owner), owner]));
  if (seen.size < owners.length) object.metadata.ownerReferences = [...seen.values()];
}
