// TokenRequest: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
import { builtinSchema } from "@holdfast/apimachinery/builtin/builtin-schema";
import { emptyObject } from "@holdfast/apimachinery/builtin/empty-object";
import { normalizeBuiltin } from "@holdfast/apimachinery/builtin/kinds/decode-builtin";
import { type FieldError, invalid } from "@holdfast/apimachinery/meta/field-error";
import { badRequest, conflict, failure, invalidObject, objectNotFound } from "@holdfast/apimachinery/meta/status-error";
import { type KubeObject, parseApiVersion } from "@holdfast/apimachinery/meta/types";
import type { JsonSchema } from "@holdfast/apimachinery/schema/json-schema";
import type { AdmissionAttributes } from "../../admission/admission.ts";
import { decodeBody } from "../../http/decode-body.ts";
import type { Exchange } from "../../http/handler.ts";
import { negotiate } from "../../http/media-type.ts";
import { replyJson } from "../../http/reply.ts";
import { readBody } from "../../http/request-body.ts";
import { callerOf, writeOptions } from "../../http/write-options.ts";
import { type KubeContext, timestamp } from "../../operations/kube-context.ts";
import { creationOf, ownNewFields } from "../../operations/new-object.ts";
import { checkKind, judgeStrictness, settleNamespace } from "../../operations/object-checks.ts";
import { type ResourceType, storeKey } from "../../resources/resource-type.ts";
import type { Stored } from "../../store/stored.ts";
import { isRecord } from "../rbac/policy-rule.ts";
import type { Es256Key } from "./es256-key.ts";
import { accountUsername, encodeClaims, type ObjectRef } from "./token-claims.ts";

export interface TokenRequestParts {
  readonly kube: KubeContext;
  readonly key: Es256Key;
  readonly issuer: string;
  readonly audiences: readonly string[];
}

const KIND = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" } as const;
const API_VERSION = "authentication.k8s.io/v1";
const TYPE_KEY = "authentication/v1.TokenRequest";
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
/** Pods ask for this long; their tokens live on for a year, for clients that do not read the file again. */
const POD_SECONDS = 3607;
const POD_EXTENDED_SECONDS = 365 * 24 * 3600;

let schema: JsonSchema | undefined;
let empty: KubeObject | undefined;

/** POST of serviceaccounts/NAME/token: replies with the request, filled in. */
export async function serveTokenRequest(
  parts: TokenRequestParts,
  exchange: Exchange,
  accounts: ResourceType,
): Promise<void> {
  const { info, request, response } = exchange;
  if (info.verb !== "create")
    throw failure("MethodNotAllowed", "the server does not allow this method on the requested resource", {
      status: {},
    });
  const decoded = decodeBody(await readBody(request), request.headers["content-type"], false);
  const type = tokenRequestType(accounts);
  const object = checkKind(decoded.value, type);
  settleNamespace(object, type, info.namespace);
  const unknown: string[] = [];
  normalizeBuiltin(object, TYPE_KEY, unknown);
  const options = writeOptions(exchange, "CreateOptions");
  const caller = callerOf(exchange);
  judgeStrictness(type, { unknown, duplicates: decoded.duplicates }, options, caller);
  const spec = specOf(object);
  spec["expirationSeconds"] ??= DEFAULT_SECONDS;
  const sent = { type, namespace: info.namespace, options, caller };
  ownNewFields(parts.kube, sent, object, "token");
  const attributes: AdmissionAttributes = {
    ...creationOf({ ...sent, type: accounts }, object),
    objectKind: KIND,
    subresource: "token",
    name: info.name,
  };
  await parts.kube.admission.mutate(attributes);
  const { kind, apiVersion, metadata, ...rest } = await issue(parts, exchange, attributes);
  replyJson(
    response,
    201,
    JSON.stringify({ kind, apiVersion, metadata, ...rest }),
    negotiate(request.headers.accept)?.format ?? "json",
  );
}

async function issue(
  parts: TokenRequestParts,
  { info }: Exchange,
  attributes: AdmissionAttributes,
): Promise<KubeObject> {
  const { kube } = parts;
  const object = attributes.object as KubeObject;
  const { metadata } = object;
  if (metadata.name !== undefined && metadata.name !== "" && metadata.name !== info.name) {
    throw mismatch(
      info.name,
      invalid("metadata.name", metadata.name, "must match the service account name if specified"),
    );
  }
  const account = kube.store.latest("serviceaccounts", storeKey(info.namespace, info.name));
  if (account === undefined) throw objectNotFound({ group: "", resource: "serviceaccounts" }, info.name);
  const spec = specOf(object);
  const audiences = stringsOf(spec["audiences"]);
  if (audiences.length === 0) audiences.push(...parts.audiences);
  spec["audiences"] = audiences;
  const now = kube.now();
  const { managedFields, ...sent } = metadata;
  object.metadata = {
    ...sent,
    name: info.name,
    namespace: info.namespace,
    uid: kube.uuid(),
    creationTimestamp: timestamp(now),
    ...(managedFields === undefined ? {} : { managedFields }),
  };
  object["status"] = { token: "", expirationTimestamp: null };
  const seconds = Number(spec["expirationSeconds"]);
  const errors = validateSeconds(seconds);
  if (errors.length > 0) throw mismatch("", ...errors);
  await kube.admission.validate({ ...attributes, object, warn: attributes.warn });
  const bound = findBound(kube, spec["boundObjectRef"], info.namespace, info.name);
  const issuedAt = Math.floor(now / 1000);
  const extended =
    bound.pod !== undefined && seconds === POD_SECONDS && audiences.every((a) => parts.audiences.includes(a));
  const token = parts.key.sign(
    encodeClaims({
      issuer: parts.issuer,
      subject: accountUsername(info.namespace, info.name),
      audiences,
      issuedAt,
      notBefore: issuedAt,
      expires: issuedAt + (extended ? POD_EXTENDED_SECONDS : seconds),
      id: kube.uuid(),
      namespace: info.namespace,
      account: refOf(account),
      ...bound,
      ...(extended ? { warnAfter: issuedAt + seconds } : {}),
    }),
  );
  object["status"] = { token, expirationTimestamp: farTimestamp(now + seconds * 1000) };
  return object;
}

function mismatch(name: string, ...errors: FieldError[]): Error {
  return invalidObject({ group: KIND.group, resource: KIND.kind }, name, errors);
}

function validateSeconds(seconds: number): FieldError[] {
  const field = "spec.expirationSeconds";
  if (seconds < MIN_SECONDS) return [invalid(field, seconds, "may not specify a duration less than 10 minutes")];
  if (seconds > MAX_SECONDS) return [invalid(field, seconds, "may not specify a duration larger than 2^32 seconds")];
  return [];
}

interface Bound {
  readonly pod?: ObjectRef;
  readonly secret?: ObjectRef;
  readonly node?: ObjectRef;
}

function findBound(kube: KubeContext, ref: unknown, namespace: string, account: string): Bound {
  if (!isRecord(ref)) return {};
  const text = (key: string) => (typeof ref[key] === "string" ? ref[key] : "");
  const name = text("name");
  const gv = parseApiVersion(text("apiVersion")) ?? { group: "", version: "" };
  const kind = text("kind");
  const find = (resource: string, within: string): Stored => {
    const found = kube.store.latest(resource, storeKey(within, name));
    if (found === undefined) throw objectNotFound({ group: "", resource }, name);
    return found;
  };
  let found: Stored;
  let bound: Bound;
  switch (gv.group === "" ? kind : "") {
    case "Pod": {
      found = find("pods", namespace);
      const spec = found.object["spec"];
      if (!isRecord(spec) || spec["serviceAccountName"] !== account) {
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
        );
      }
      const node =
        typeof spec["nodeName"] === "string" && spec["nodeName"] !== "" ? nodeRef(kube, spec["nodeName"]) : undefined;
      bound = { pod: refOf(found), ...(node === undefined ? {} : { node }) };
      break;
    }
    case "Secret":
      found = find("secrets", namespace);
      bound = { secret: refOf(found) };
      break;
    case "Node":
      found = find("nodes", "");
      bound = { node: refOf(found) };
      break;
    default:
      throw badRequest(`cannot bind token to object of type ${gv.group}/${gv.version}, Kind=${kind}`);
  }
  const uid = text("uid");
  if (uid !== "" && uid !== found.object.metadata.uid) {
    throw conflict(
      { group: "", resource: kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return bound;
}

/** Where the pod runs; without a uid when there is no such node object. */
function nodeRef(kube: KubeContext, name: string): ObjectRef {
  const node = kube.store.latest("nodes", name);
  return node === undefined ? { name } : refOf(node);
}

function refOf({ object }: Stored): ObjectRef {
  const { name, uid } = object.metadata;
  return { name: name as string, ...(uid === undefined ? {} : { uid }) };
}

function specOf(object: KubeObject): Record<string, unknown> {
  const spec = object["spec"];
  if (isRecord(spec)) return spec as Record<string, unknown>;
  const made: Record<string, unknown> = {};
  object["spec"] = made;
  return made;
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v) => typeof v === "string") : [];
}

function tokenRequestType(accounts: ResourceType): ResourceType {
  schema ??= builtinSchema(TYPE_KEY);
  empty ??= emptyObject(TYPE_KEY, API_VERSION, KIND.kind);
  return {
    ...accounts,
    ...KIND,
    plural: "tokenrequests",
    empty,
    resetFields: {},
    ...(schema === undefined ? {} : { schema }),
  };
}

/** Like `timestamp`, for times that may lie beyond the year 9999. */
function farTimestamp(ms: number): string {
  return timestamp(Math.min(ms, Date.UTC(9999, 11, 31, 23, 59, 59)));
}
