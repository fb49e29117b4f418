import type { KubeContext, Written } from "../operations/kube-context.ts";
import { checkKind, judgeStrictness, settleName, settleNamespace } from "../operations/object-checks.ts";
import { patchObject } from "../operations/patch.ts";
import { updateObject } from "../operations/update.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import { decodeBody } from "./decode-body.ts";
import type { Exchange } from "./handler.ts";
import type { Negotiated } from "./media-type.ts";
import { replyJson } from "./reply.ts";
import { readBody } from "./request-body.ts";
import { viewObject } from "./views.ts";
import { callerOf, forceOf, patchTypeOf, writeOptions } from "./write-options.ts";

/** What a write is about: the resource, and the endpoint of it. */
export interface WriteTarget {
  readonly type: ResourceType;
  /** "" for cluster-scoped resources. */
  readonly namespace: string;
  readonly subresource: "" | "status";
}

/** PUT of an object or its status. */
export async function putObject(kube: KubeContext, exchange: Exchange, target: WriteTarget): Promise<Written> {
  const { info } = exchange;
  const { type, namespace, subresource } = target;
  const options = writeOptions(exchange, "UpdateOptions");
  const body = await readBody(exchange.request);
  const decoded = decodeBody(body, exchange.request.headers["content-type"], type);
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
      const object = checkKind(structuredClone(decoded.value), type, decoded.summary);
      const unknown: string[] = [];
      type.behaviour.normalize(object, unknown);
      judgeStrictness(type, { unknown, duplicates: decoded.duplicates }, options, caller);
      settleName(object, info.name);
      settleNamespace(object, type, namespace);
      type.behaviour.defaults(object);
      return object;
    },
  });
}

/** PATCH of an object or its status. */
export async function patchAny(kube: KubeContext, exchange: Exchange, target: WriteTarget): Promise<Written> {
  const { type, namespace, subresource } = target;
  const patchType = patchTypeOf(exchange, type);
  const options = writeOptions(exchange, "PatchOptions");
  const text = (await readBody(exchange.request)).toString("utf8");
  return patchObject(kube, {
    type,
    namespace,
    name: exchange.info.name,
    subresource,
    patchType,
    text,
    force: forceOf(exchange),
    options,
    caller: callerOf(exchange),
  });
}

interface Reply {
  readonly type: ResourceType;
  readonly negotiated: Negotiated;
  /** 201 for POST; a PUT or PATCH that created answers 201 too. */
  readonly code: number;
  readonly now: number;
}

/** Answers with what was written, in the view that was asked for. */
export function replyWritten(exchange: Exchange, written: Written, { type, negotiated, code, now }: Reply): void {
  const json = written.json ?? JSON.stringify(written.object);
  const shown =
    negotiated.view === "object"
      ? json
      : viewObject(type, negotiated, { object: written.object, json }, now, exchange.info.query);
  replyJson(exchange.response, written.created ? 201 : code === 201 ? 200 : code, shown, negotiated.format);
}
