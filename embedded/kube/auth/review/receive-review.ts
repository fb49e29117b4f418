// What all reviews have in common: they are created, answered and forgotten.
import { failure } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { decodeBody } from "../../http/decode-body.ts";
import type { Exchange } from "../../http/handler.ts";
import { negotiate } from "../../http/media-type.ts";
import { replyJson } from "../../http/reply.ts";
import { readBody } from "../../http/request-body.ts";
import { callerOf, writeOptions } from "../../http/write-options.ts";
import type { KubeContext } from "../../operations/kube-context.ts";
import { creationOf, ownNewFields } from "../../operations/new-object.ts";
import { checkKind, judgeStrictness, settleNamespace } from "../../operations/object-checks.ts";
import type { ResourceType } from "../../resources/resource-type.ts";

/** A review as it came in, past the mutating part of admission. */
export interface Review {
  readonly object: KubeObject;
  /** The validating part of admission. @throws StatusError */
  admit(): Promise<void>;
}

/** Decodes, checks and admits the body of a review. @throws StatusError */
export async function receiveReview(kube: KubeContext, exchange: Exchange, type: ResourceType): Promise<Review> {
  const { info, request } = exchange;
  const namespace = type.namespaced ? info.namespace : "";
  if (type.namespaced && namespace === "")
    throw failure("NotFound", "the server could not find the requested resource", { status: {} });
  const decoded = decodeBody(await readBody(request), request.headers["content-type"], false);
  const object = checkKind(decoded.value, type);
  settleNamespace(object, type, namespace);
  const unknown: string[] = [];
  type.behaviour.normalize(object, unknown);
  const options = writeOptions(exchange, "CreateOptions");
  const caller = callerOf(exchange);
  judgeStrictness(type, { unknown, duplicates: decoded.duplicates }, options, caller);
  type.behaviour.defaults(object);
  const sent = { type, namespace, options, caller };
  ownNewFields(kube, sent, object);
  const attributes = creationOf(sent, object);
  await kube.admission.mutate(attributes);
  const admitted = attributes.object as KubeObject;
  return {
    object: admitted,
    admit: () => kube.admission.validate({ ...attributes, object: admitted, warn: caller.warn }),
  };
}

/** 201 with the answered review. */
export function replyReview({ request, response }: Exchange, review: KubeObject): void {
  // Kind and version first, as everywhere.
  const { kind, apiVersion, metadata, ...rest } = review;
  replyJson(
    response,
    201,
    JSON.stringify({ kind, apiVersion, metadata, ...rest }),
    negotiate(request.headers.accept)?.format ?? "json",
  );
}
