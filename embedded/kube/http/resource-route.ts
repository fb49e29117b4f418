import { badRequest, failure } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf } from "@holdfast/apimachinery/meta/types";
import { createObject } from "../operations/create.ts";
import { deleteObject, deletedStatus, parseDeleteOptions } from "../operations/delete.ts";
import { deleteCollection } from "../operations/delete-collection.ts";
import type { Caller, KubeContext, WriteOptions, Written } from "../operations/kube-context.ts";
import { checkKind, judgeStrictness, settleName, settleNamespace } from "../operations/object-checks.ts";
import { PATCH_TYPES, type PatchType, patchObject } from "../operations/patch.ts";
import { getObject, type ListInput, listObjects } from "../operations/read.ts";
import { getScale, putScale, patchScale } from "../operations/scale.ts";
import { parseSelection } from "../operations/selection.ts";
import { servedJson, toServed } from "../operations/served-version.ts";
import { updateObject } from "../operations/update.ts";
import type { ResourceType, Verb } from "../resources/resource-type.ts";
import { parseWatchOptions, serveWatch } from "../watch/serve-watch.ts";
import { decodeBody } from "./decode-body.ts";
import type { Exchange, Route } from "./handler.ts";
import { negotiate, type Negotiated } from "./media-type.ts";
import { replyJson, replyStatus } from "./reply.ts";
import { readBody } from "./request-body.ts";
import { viewList, viewObject } from "./views.ts";

/** Endpoints of single resources beside the generic ones: `pods/eviction`, `serviceaccounts/token`. */
export type SubresourceRoutes = ReadonlyMap<string, (exchange: Exchange, type: ResourceType) => Promise<void>>;

export interface ResourceRouteParts {
  readonly kube: KubeContext;
  readonly subresources: SubresourceRoutes;
  /** Resources that are no storage: reviews. Keyed like {@link SubresourceRoutes} by `plural.group`. */
  readonly virtual: SubresourceRoutes;
  readonly registerWatch: (end: () => void) => () => void;
}

/** /api/v1/… and /apis/GROUP/VERSION/…: the verbs of every served resource. */
export function createResourceRoute(parts: ResourceRouteParts): Route {
  return async (exchange) => {
    const { info } = exchange;
    if (!info.isResource) return false;
    const type = parts.kube.registry.find(info.group, info.version, info.resource);
    if (type === undefined) return false;
    const negotiated = negotiate(exchange.request.headers.accept);
    if (negotiated === undefined) {
      throw failure(
        "NotAcceptable",
        `only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf`,
      );
    }
    if (type.namespaced ? info.namespace === "" && !["list", "watch", "deletecollection"].includes(info.verb) && parts.virtual.get(keyOf(type)) === undefined : false) {
      if (info.name === "" || info.verb !== "") throw methodNotAllowed(type, exchange);
    }
    const virtual = parts.virtual.get(keyOf(type));
    if (virtual !== undefined) {
      if (info.verb !== "create") throw methodNotAllowed(type, exchange);
      await virtual(exchange, type);
      return true;
    }
    if (info.subresource !== "") {
      await serveSubresource(parts, exchange, type, negotiated);
      return true;
    }
    if (!type.verbs.includes(info.verb as Verb)) throw methodNotAllowed(type, exchange);
    await serveVerb(parts, exchange, type, negotiated);
    return true;
  };
}

function keyOf(type: ResourceType): string {
  return type.bucket;
}

function methodNotAllowed(type: ResourceType, exchange: Exchange): Error {
  void type;
  void exchange;
  return failure("MethodNotAllowed", "the server does not allow this method on the requested resource", { status: {} });
}

async function serveVerb(parts: ResourceRouteParts, exchange: Exchange, type: ResourceType, negotiated: Negotiated): Promise<void> {
  const { kube } = parts;
  const { info, response } = exchange;
  const namespace = type.namespaced ? info.namespace : "";
  switch (info.verb) {
    case "get": {
      const stored = getObject(kube.store, type, namespace, info.name);
      replyJson(response, 200, viewObject(type, negotiated, stored, kube.now(), info.query), negotiated.format);
      return;
    }
    case "list": {
      const input = listInput(exchange, type, namespace);
      const listed = listObjects(kube.store, input);
      replyJson(response, 200, viewList(type, negotiated, listed, kube.now(), info.query), negotiated.format);
      return;
    }
    case "watch":
      serveWatchOf(parts, exchange, type, negotiated, namespace);
      return;
    case "create": {
      const body = await readBody(exchange.request);
      const decoded = decodeBody(body, exchange.request.headers["content-type"], type.definition !== undefined);
      const written = await createObject(kube, {
        type,
        namespace: type.plural === "namespaces" && type.group === "" ? "" : namespace,
        body: decoded.value,
        duplicates: decoded.duplicates,
        options: writeOptions(exchange, "CreateOptions"),
        caller: callerOf(exchange),
      });
      replyWritten(exchange, type, negotiated, written, 201, kube.now());
      return;
    }
    case "update":
      replyWritten(exchange, type, negotiated, await putObject(kube, exchange, type, namespace, ""), 200, kube.now());
      return;
    case "patch":
      replyWritten(exchange, type, negotiated, await patchAny(kube, exchange, type, namespace, ""), 200, kube.now());
      return;
    case "delete": {
      const options = await readDeleteOptions(exchange);
      const deleted = await deleteObject(kube, { type, namespace, name: info.name, options, caller: callerOf(exchange) });
      if (deleted.kind === "marked" || type.behaviour.deleteReturnsObject === true) replyJson(response, 200, JSON.stringify(deleted.object));
      else replyStatus(response, { ...deletedStatus(type, deleted.object), code: 200 });
      return;
    }
    case "deletecollection": {
      const options = await readDeleteOptions(exchange);
      const listed = await deleteCollection(kube, { input: listInput(exchange, type, namespace), options, caller: callerOf(exchange) });
      replyJson(response, 200, viewList(type, negotiated, listed, kube.now(), info.query), negotiated.format);
      return;
    }
    default:
      throw methodNotAllowed(type, exchange);
  }
}

async function serveSubresource(parts: ResourceRouteParts, exchange: Exchange, type: ResourceType, negotiated: Negotiated): Promise<void> {
  const { kube } = parts;
  const { info } = exchange;
  const namespace = type.namespaced ? info.namespace : "";
  const special = parts.subresources.get(`${type.bucket}/${info.subresource}`);
  if (special !== undefined) return special(exchange, type);
  if (info.subresource === "status" && type.hasStatus) {
    switch (info.verb) {
      case "get":
        replyJson(exchange.response, 200, viewObject(type, negotiated, getObject(kube.store, type, namespace, info.name), kube.now(), info.query), negotiated.format);
        return;
      case "update":
        replyWritten(exchange, type, negotiated, await putObject(kube, exchange, type, namespace, "status"), 200, kube.now());
        return;
      case "patch":
        replyWritten(exchange, type, negotiated, await patchAny(kube, exchange, type, namespace, "status"), 200, kube.now());
        return;
      default:
        throw methodNotAllowed(type, exchange);
    }
  }
  if (info.subresource === "scale" && type.scale !== undefined) {
    const common = { type, namespace, name: info.name, caller: callerOf(exchange) };
    if (info.verb === "get") replyJson(exchange.response, 200, JSON.stringify(getScale(kube, type, namespace, info.name)), negotiated.format);
    else if (info.verb === "update") {
      const decoded = decodeBody(await readBody(exchange.request), exchange.request.headers["content-type"], false);
      const scale = await putScale(kube, { ...common, body: decoded.value, options: writeOptions(exchange, "UpdateOptions") });
      replyJson(exchange.response, 200, JSON.stringify(scale), negotiated.format);
    } else if (info.verb === "patch") {
      const text = (await readBody(exchange.request)).toString("utf8");
      const force = forceOf(exchange);
      const scale = await patchScale(kube, {
        ...common,
        patchType: patchTypeOf(exchange, type),
        text,
        ...(force === undefined ? {} : { force }),
        options: writeOptions(exchange, "PatchOptions"),
      });
      replyJson(exchange.response, 200, JSON.stringify(scale), negotiated.format);
    } else throw methodNotAllowed(type, exchange);
    return;
  }
  throw failure("NotFound", "the server could not find the requested resource", { status: {} });
}

async function putObject(kube: KubeContext, exchange: Exchange, type: ResourceType, namespace: string, subresource: "" | "status"): Promise<Written> {
  const { info } = exchange;
  const body = await readBody(exchange.request);
  const decoded = decodeBody(body, exchange.request.headers["content-type"], type.definition !== undefined);
  const options = writeOptions(exchange, "UpdateOptions");
  const caller = callerOf(exchange);
  return updateObject(kube, {
    type,
    namespace,
    name: info.name,
    subresource,
    options,
    caller,
    optionsKind: "UpdateOptions",
    managesFields: false,
    mayCreate: type.behaviour.createOnUpdate && subresource === "",
    transform: () => {
      const object = checkKind(structuredClone(decoded.value), type);
      settleName(object, info.name);
      settleNamespace(object, type, namespace);
      const unknown: string[] = [];
      type.behaviour.normalize(object, unknown);
      judgeStrictness(type, { unknown, duplicates: decoded.duplicates }, options, caller);
      type.behaviour.defaults(object);
      return object;
    },
  });
}

async function patchAny(kube: KubeContext, exchange: Exchange, type: ResourceType, namespace: string, subresource: "" | "status"): Promise<Written> {
  const text = (await readBody(exchange.request)).toString("utf8");
  return patchObject(kube, {
    type,
    namespace,
    name: exchange.info.name,
    subresource,
    patchType: patchTypeOf(exchange, type),
    text,
    force: forceOf(exchange),
    options: writeOptions(exchange, "PatchOptions"),
    caller: callerOf(exchange),
  });
}

function forceOf(exchange: Exchange): boolean | undefined {
  const value = exchange.info.query.get("force");
  // Whatever is not false forces, as in the original.
  return value === null ? undefined : value !== "false";
}

function patchTypeOf(exchange: Exchange, type: ResourceType): PatchType {
  const sent = (exchange.request.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
  if ((PATCH_TYPES as readonly string[]).includes(sent) && !(sent === "application/strategic-merge-patch+json" && type.definition !== undefined)) {
    return sent as PatchType;
  }
  const accepted = PATCH_TYPES.filter((t) => t !== "application/strategic-merge-patch+json" || type.definition === undefined);
  throw failure("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`);
}

function replyWritten(exchange: Exchange, type: ResourceType, negotiated: Negotiated, written: Written, code: number, now: number): void {
  const json =
    negotiated.view === "object"
      ? (written.json ?? JSON.stringify(written.object))
      : viewObject(type, negotiated, { object: written.object, json: written.json ?? JSON.stringify(written.object) }, now, exchange.info.query);
  replyJson(exchange.response, written.created ? 201 : code === 201 ? 200 : code, json, negotiated.format);
}

function serveWatchOf(parts: ResourceRouteParts, exchange: Exchange, type: ResourceType, negotiated: Negotiated, namespace: string): void {
  const { kube } = parts;
  const { info, response } = exchange;
  const selection = parseSelection(info.query, type);
  const named = info.name === "" ? selection : withName(selection, info.name, type);
  const plain = negotiated.view === "object";
  serveWatch(kube.store, response, {
    type,
    namespace,
    selection: named,
    options: parseWatchOptions(info.query),
    plain: (stored) => servedJson(type, stored),
    render: plain ? undefined : (stored) => viewObject(type, negotiated, { object: toServed(type, stored.object), json: servedJson(type, stored) }, kube.now(), info.query),
    renderBookmark: plain ? undefined : (json) => viewObject(type, negotiated, { object: JSON.parse(json), json }, kube.now(), info.query),
    register: parts.registerWatch,
  });
}

function withName(selection: ReturnType<typeof parseSelection>, name: string, type: ResourceType): ReturnType<typeof parseSelection> {
  const query = new URLSearchParams({ fieldSelector: `metadata.name=${name}` });
  return { labels: selection.labels, fields: parseSelection(query, type).fields };
}

function listInput(exchange: Exchange, type: ResourceType, namespace: string): ListInput {
  const { query } = exchange.info;
  const version = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const limit = query.get("limit") ?? "0";
  const continueToken = query.get("continue") ?? "";
  if (version !== "" && !/^\d{1,16}$/.test(version)) {
    throw badRequest(`invalid resource version ${JSON.stringify(version)}: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  }
  if (!/^-?\d{1,18}$/.test(limit)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(limit)}: invalid syntax`);
  if (match !== "" && version === "") throw listOptionsInvalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
  if (match !== "" && continueToken !== "") throw listOptionsInvalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided");
  if (continueToken !== "" && version !== "" && version !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  if (match === "Exact" && version === "0") throw listOptionsInvalid("resourceVersionMatch", 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  if (match !== "" && match !== "Exact" && match !== "NotOlderThan") {
    throw listOptionsInvalid("resourceVersionMatch", `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`);
  }
  return {
    type,
    namespace,
    selection: parseSelection(query, type),
    limit: Math.max(0, Number(limit)),
    continueToken,
    resourceVersion: version === "" ? undefined : Number(version),
    resourceVersionMatch: match as "",
  };
}

function listOptionsInvalid(field: string, message: string): Error {
  const reason = message.startsWith("Forbidden") ? "FieldValueForbidden" : "FieldValueNotSupported";
  return failure("Invalid", `ListOptions.meta.k8s.io "" is invalid: ${field}: ${message}`, {
    status: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason, message, field }] },
  });
}

async function readDeleteOptions(exchange: Exchange): Promise<ReturnType<typeof parseDeleteOptions>> {
  const body = await readBody(exchange.request);
  const decoded = decodeBody(body, exchange.request.headers["content-type"], false);
  return parseDeleteOptions(decoded.value, exchange.info.query, dryRunOf(exchange, "DeleteOptions"));
}

export function callerOf(exchange: Exchange): Caller {
  return { user: exchange.user, userAgent: exchange.userAgent, warn: (text) => exchange.warn(text) };
}

/** dryRun, fieldManager and fieldValidation of the query. @throws 422 */
export function writeOptions(exchange: Exchange, kind: string): WriteOptions {
  const { query } = exchange.info;
  const validation = query.get("fieldValidation") ?? "";
  if (validation !== "" && validation !== "Strict" && validation !== "Warn" && validation !== "Ignore") {
    throw optionsInvalid(kind, "fieldValidation", "FieldValueNotSupported", `Unsupported value: ${JSON.stringify(validation)}: supported values: "Ignore", "Warn", "Strict"`);
  }
  const fieldManager = query.get("fieldManager") ?? "";
  if ([...fieldManager].length > 128) {
    throw optionsInvalid(kind, "fieldManager", "FieldValueTooLong", "Too long: may not be more than 128 bytes");
  }
  for (const [i, c] of [...fieldManager].entries()) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(c)) {
      throw optionsInvalid(kind, "fieldManager", "FieldValueInvalid", `Invalid value: ${JSON.stringify(fieldManager)}: invalid character ${c} (at position ${i})`);
    }
  }
  return { dryRun: dryRunOf(exchange, kind), fieldManager, fieldValidation: validation === "" ? "Warn" : (validation as "Warn") };
}

function dryRunOf(exchange: Exchange, kind: string): boolean {
  const values = exchange.info.query.getAll("dryRun").filter((v) => v !== "");
  if (values.length === 0) return false;
  if (values.some((v) => v !== "All")) {
    const shown = `[${values.map((v) => JSON.stringify(v)).join(",")}]`;
    throw optionsInvalid(kind, "dryRun", "FieldValueNotSupported", `Unsupported value: ${shown}: supported values: "All"`);
  }
  return true;
}

function optionsInvalid(kind: string, field: string, reason: string, message: string): Error {
  return failure("Invalid", `${kind}.meta.k8s.io "" is invalid: ${field}: ${message}`, {
    status: { group: "meta.k8s.io", kind, causes: [{ reason, message, field }] },
  });
}

export { apiVersionOf };
