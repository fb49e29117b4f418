import { badRequest, failure } from "@holdfast/apimachinery/meta/status-error";
import { createObject } from "../operations/create.ts";
import { deletedStatus, deleteObject } from "../operations/delete.ts";
import { deleteCollection } from "../operations/delete-collection.ts";
import type { KubeContext } from "../operations/kube-context.ts";
import { getObject, listObjects } from "../operations/read.ts";
import { parseSelection } from "../operations/selection.ts";
import { servedJson, toServed } from "../operations/served-version.ts";
import type { ResourceType, Verb } from "../resources/resource-type.ts";
import { parseWatchOptions, serveWatch } from "../watch/serve-watch.ts";
import { decodeBody } from "./decode-body.ts";
import { readDeleteOptions } from "./delete-options.ts";
import type { Exchange, Route } from "./handler.ts";
import { listInput, versionProblem } from "./list-options.ts";
import { type Negotiated, negotiate } from "./media-type.ts";
import { replyJson, replyStatus, replyText } from "./reply.ts";
import { readBody } from "./request-body.ts";
import { methodNotAllowed, serveSubresource } from "./subresource-route.ts";
import { checkIncludeObject, viewList, viewObject } from "./views.ts";
import { callerOf, writeOptions } from "./write-options.ts";
import { patchAny, putObject, replyWritten } from "./write-requests.ts";

/** Endpoints of single resources beside the generic ones: `pods/eviction`, `serviceaccounts/token`. */
export type SubresourceRoutes = ReadonlyMap<string, (exchange: Exchange, type: ResourceType) => Promise<void>>;

export interface ResourceRouteParts {
  readonly kube: KubeContext;
  readonly subresources: SubresourceRoutes;
  /** Resources that are no storage: reviews. Keyed by bucket, as {@link SubresourceRoutes} by `bucket/subresource`. */
  readonly virtual: SubresourceRoutes;
  readonly registerWatch: (end: () => void) => () => void;
}

/** Verbs that a namespaced resource has without a namespace in the path. */
const ACROSS_NAMESPACES = ["list", "watch"];

/** /api/v1/… and /apis/GROUP/VERSION/…: the verbs of every served resource. */
export function createResourceRoute(parts: ResourceRouteParts): Route {
  return async (exchange) => {
    const { info } = exchange;
    if (!info.isResource) return false;
    const type = parts.kube.registry.find(info.group, info.version, info.resource);
    if (type === undefined) return false;
    const isNamespace = type.group === "" && type.plural === "namespaces";
    const namespaced = info.namespace !== "" && !isNamespace;
    const misplaced = type.namespaced
      ? !namespaced && !ACROSS_NAMESPACES.includes(info.verb) && !parts.virtual.has(type.bucket)
      : namespaced;
    if (misplaced) return serveMisplaced(exchange, type);
    const negotiated = negotiate(exchange.request.headers.accept);
    if (negotiated === undefined) {
      throw failure(
        "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
      );
    }
    const refusal = type.refusal?.();
    if (refusal !== undefined) throw refusal;
    if (type.deprecation !== undefined) exchange.warn(type.deprecation);
    const virtual = parts.virtual.get(type.bucket);
    if (virtual !== undefined) {
      if (info.verb !== "create") throw methodNotAllowed(type, info.verb);
      await virtual(exchange, type);
      return true;
    }
    if (info.subresource !== "") {
      const special = parts.subresources.get(`${type.bucket}/${info.subresource}`);
      if (special !== undefined) await special(exchange, type);
      else await serveSubresource(parts.kube, exchange, { type, negotiated });
      return true;
    }
    if (!type.verbs.includes(info.verb as Verb)) throw methodNotAllowed(type, info.verb);
    await serveVerb(parts, exchange, { type, negotiated });
    return true;
  };
}

/** A path with a namespace for what has none, or without one for what needs it. */
function serveMisplaced(exchange: Exchange, type: ResourceType): boolean {
  const { info } = exchange;
  if (type.definition !== undefined) {
    replyText(exchange.response, 404, "404 page not found\n");
    return true;
  }
  if (type.namespaced && info.name === "") throw methodNotAllowed(type, info.verb);
  return false;
}

interface Target {
  readonly type: ResourceType;
  readonly negotiated: Negotiated;
}

async function serveVerb(parts: ResourceRouteParts, exchange: Exchange, target: Target): Promise<void> {
  const { kube } = parts;
  const { info, response } = exchange;
  const { type, negotiated } = target;
  const namespace = type.namespaced ? info.namespace : "";
  const write = { type, namespace, subresource: "" } as const;
  if (negotiated.view === "table") checkIncludeObject(info.query);
  switch (info.verb) {
    case "get": {
      const problem = versionProblem(info.query.get("resourceVersion") ?? "");
      if (problem !== undefined) throw failure("", problem, { code: 500 });
      if (negotiated.view === "metadata" && negotiated.viewIsList)
        throw failure("", "content is not a list", { code: 500 });
      const stored = getObject(kube.store, type, namespace, info.name, Number(info.query.get("resourceVersion") ?? 0));
      replyJson(response, 200, viewObject(type, negotiated, stored, kube.now(), info.query), negotiated.format);
      return;
    }
    case "list": {
      if (negotiated.view === "metadata" && !negotiated.viewIsList) throw notAList();
      const listed = listObjects(kube.store, listInput(info.query, type, namespace));
      replyJson(response, 200, viewList(type, negotiated, listed, kube.now(), info.query), negotiated.format);
      return;
    }
    case "watch":
      serveWatchOf(parts, exchange, target);
      return;
    case "create":
      await serveCreate(kube, exchange, target);
      return;
    case "update":
    case "patch": {
      if (info.name === "") throw nameless(type, info.verb);
      const written = await (info.verb === "update" ? putObject : patchAny)(kube, exchange, write);
      replyWritten(exchange, written, { type, negotiated, code: 200, now: kube.now() });
      return;
    }
    case "delete": {
      const options = await readDeleteOptions(exchange);
      const input = { type, namespace, name: info.name, options, caller: callerOf(exchange) };
      const deleted = await deleteObject(kube, input);
      if (deleted.kind === "marked" || type.behaviour.deleteReturnsObject === true) {
        const state = { object: deleted.object, json: JSON.stringify(deleted.object) };
        replyJson(response, 200, viewObject(type, negotiated, state, kube.now(), info.query), negotiated.format);
      } else replyStatus(response, deletedStatus(type, deleted.object), 200);
      return;
    }
    case "deletecollection": {
      const options = await readDeleteOptions(exchange);
      const input = listInput(info.query, type, namespace);
      const listed = await deleteCollection(kube, { input, options, caller: callerOf(exchange) });
      replyJson(response, 200, viewList(type, negotiated, listed, kube.now(), info.query), negotiated.format);
      return;
    }
    default:
      throw methodNotAllowed(type, info.verb);
  }
}

function notAList(): Error {
  const what = "the requested object is a list (*unstructured.UnstructuredList)";
  return failure("NotAcceptable", `you requested PartialObjectMetadata, but ${what}`);
}

/** Custom resources look for the name first; built-in ones have no such route. */
function nameless(type: ResourceType, verb: string): Error {
  return type.definition === undefined ? methodNotAllowed(type, verb) : badRequest("name must be provided");
}

async function serveCreate(kube: KubeContext, exchange: Exchange, { type, negotiated }: Target): Promise<void> {
  if (exchange.info.name !== "" && type.definition === undefined) throw methodNotAllowed(type, "create");
  const options = writeOptions(exchange, "CreateOptions");
  const body = await readBody(exchange.request);
  const written = await createObject(kube, {
    type,
    namespace: type.namespaced ? exchange.info.namespace : "",
    body: decodeBody(body, exchange.request.headers["content-type"], type),
    options,
    caller: callerOf(exchange),
  });
  replyWritten(exchange, written, { type, negotiated, code: 201, now: kube.now() });
}

function serveWatchOf(parts: ResourceRouteParts, exchange: Exchange, { type, negotiated }: Target): void {
  const { kube } = parts;
  const { info, response } = exchange;
  const query = new URLSearchParams(info.query);
  if (info.name !== "") query.set("fieldSelector", `metadata.name=${info.name}`);
  const plain = negotiated.view === "object";
  if (negotiated.format === "yaml") {
    throw failure(
      "NotAcceptable",
      "only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
    );
  }
  let first = true;
  // Only the first event of a watch of Tables says what the columns are.
  const view = (state: Parameters<typeof viewObject>[2]) => {
    const json = viewObject(type, negotiated, state, kube.now(), info.query);
    if (negotiated.view !== "table") return json;
    const { columnDefinitions, ...rest } = JSON.parse(json) as Record<string, unknown>;
    const shown = { ...rest, columnDefinitions: first ? columnDefinitions : null };
    first = false;
    return JSON.stringify(shown);
  };
  serveWatch(kube.store, response, {
    type,
    namespace: type.namespaced ? info.namespace : "",
    selection: parseSelection(query, type),
    options: parseWatchOptions(info.query),
    plain: (stored) => servedJson(type, stored),
    render: plain
      ? undefined
      : (stored) => view({ object: toServed(type, stored.object), json: servedJson(type, stored) }),
    renderBookmark: plain ? undefined : (json) => view({ object: JSON.parse(json), json }),
    register: parts.registerWatch,
  });
}
