// What all reviews have in common: they are created, answered and forgotten.
import { updateManagedFields } from "@holdfast/apimachinery/apply/managed-fields";
import { managerFromUserAgent } from "@holdfast/apimachinery/apply/manager-name";
import { emptyObject } from "@holdfast/apimachinery/builtin/empty-object";
import { failure } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import type { AdmissionAttributes } from "../../admission/admission.ts";
import { decodeBody } from "../../http/decode-body.ts";
import type { Exchange } from "../../http/handler.ts";
import { negotiate } from "../../http/media-type.ts";
import { replyJson } from "../../http/reply.ts";
import { readBody } from "../../http/request-body.ts";
import { callerOf, writeOptions } from "../../http/write-options.ts";
import { optionFields } from "../../operations/create.ts";
import { type KubeContext, timestamp } from "../../operations/kube-context.ts";
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
  const managed = updateManagedFields({
    live: undefined,
    next: object,
    manager: options.fieldManager === "" ? managerFromUserAgent(caller.userAgent) : options.fieldManager,
    apiVersion: apiVersionOf(type),
    schema: type.schema,
    empty: emptyOf(type),
    now: timestamp(kube.now()),
  });
  if (managed.length > 0) object.metadata.managedFields = managed;
  else delete object.metadata.managedFields;
  const attributes: AdmissionAttributes = {
    operation: "CREATE",
    type,
    subresource: "",
    namespace,
    name: object.metadata.name ?? "",
    object,
    oldObject: undefined,
    options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", ...optionFields(options) },
    dryRun: options.dryRun,
    user: caller.user,
    warn: caller.warn,
  };
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

const empties = new Map<string, KubeObject>();

function emptyOf(type: ResourceType): KubeObject {
  if (type.empty !== undefined) return type.empty;
  const key = type.openapi.typeKey as string;
  const known = empties.get(key);
  if (known !== undefined) return known;
  const made = emptyObject(key, apiVersionOf(type), type.kind);
  empties.set(key, made);
  return made;
}
