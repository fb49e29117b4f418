import { failure, objectNotFound, type StatusError } from "@holdfast/apimachinery/meta/status-error";
import { groupQualified } from "@holdfast/apimachinery/meta/types";
import type { KubeContext } from "../operations/kube-context.ts";
import { getObject } from "../operations/read.ts";
import { getScale, patchScale, putScale } from "../operations/scale.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import { decodeBody } from "./decode-body.ts";
import type { Exchange } from "./handler.ts";
import type { Negotiated } from "./media-type.ts";
import { replyJson } from "./reply.ts";
import { readBody } from "./request-body.ts";
import { viewObject } from "./views.ts";
import { callerOf, forceOf, patchTypeOf, writeOptions } from "./write-options.ts";
import { patchAny, putObject, replyWritten } from "./write-requests.ts";

interface Target {
  readonly type: ResourceType;
  readonly negotiated: Negotiated;
}

/** /status and /scale of any resource that has them. @throws StatusError 404 and 405 */
export async function serveSubresource(kube: KubeContext, exchange: Exchange, target: Target): Promise<void> {
  const { info } = exchange;
  const { type } = target;
  if (info.subresource === "status" && type.hasStatus) return serveStatus(kube, exchange, target);
  if (info.subresource === "scale" && type.scale !== undefined) return serveScale(kube, exchange, target);
  if (type.definition !== undefined) throw objectNotFound({ group: type.group, resource: type.plural }, info.name);
  throw failure("NotFound", "the server could not find the requested resource", { status: {} });
}

async function serveStatus(kube: KubeContext, exchange: Exchange, { type, negotiated }: Target): Promise<void> {
  const { info } = exchange;
  const now = kube.now();
  const namespace = type.namespaced ? info.namespace : "";
  const target = { type, namespace, subresource: "status" } as const;
  const reply = { type, negotiated, code: 200, now };
  switch (info.verb) {
    case "get": {
      const stored = getObject(kube.store, type, namespace, info.name);
      replyJson(exchange.response, 200, viewObject(type, negotiated, stored, now, info.query), negotiated.format);
      return;
    }
    case "update":
      replyWritten(exchange, await putObject(kube, exchange, target), reply);
      return;
    case "patch":
      replyWritten(exchange, await patchAny(kube, exchange, target), reply);
      return;
    default:
      throw methodNotAllowed(type, info.verb);
  }
}

async function serveScale(kube: KubeContext, exchange: Exchange, { type, negotiated }: Target): Promise<void> {
  const { info, request, response } = exchange;
  const namespace = type.namespaced ? info.namespace : "";
  const common = { type, namespace, name: info.name, caller: callerOf(exchange) };
  switch (info.verb) {
    case "get": {
      const scale = getScale(kube, type, namespace, info.name);
      replyJson(response, 200, JSON.stringify(scale), negotiated.format);
      return;
    }
    case "update": {
      const options = writeOptions(exchange, "UpdateOptions");
      const decoded = decodeBody(await readBody(request), request.headers["content-type"], { kind: "Scale" });
      const scale = await putScale(kube, { ...common, body: decoded.value, options });
      replyJson(response, 200, JSON.stringify(scale), negotiated.format);
      return;
    }
    case "patch": {
      const patchType = patchTypeOf(exchange, type);
      const options = writeOptions(exchange, "PatchOptions");
      const text = (await readBody(request)).toString("utf8");
      const force = forceOf(exchange);
      const forced = force === undefined ? {} : { force };
      const scale = await patchScale(kube, { ...common, patchType, text, ...forced, options });
      replyJson(response, 200, JSON.stringify(scale), negotiated.format);
      return;
    }
    default:
      throw methodNotAllowed(type, info.verb);
  }
}

/** 405: custom resources say which verb of which kind, built-in ones nothing. */
export function methodNotAllowed(type: ResourceType, verb: string): StatusError {
  if (type.definition === undefined) {
    return failure("MethodNotAllowed", "the server does not allow this method on the requested resource", {
      status: {},
    });
  }
  const kind = groupQualified(type.plural, type.group);
  return failure("MethodNotAllowed", `${verb} is not supported on resources of kind ${JSON.stringify(kind)}`, {
    status: { group: type.group, kind: type.plural },
  });
}
