import { failure, type Status, StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { toServed } from "../operations/served-version.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { AdmissionAttributes } from "./admission.ts";
import type { Webhook } from "./webhook-config.ts";

/** admission.k8s.io/v1 AdmissionReview with its request filled. `as` is the version in which the webhook wants the object. */
export function buildReview(webhook: Webhook, attributes: AdmissionAttributes, as: ResourceType, uid: string): unknown {
  const { type, objectKind, subresource } = attributes;
  const kindOf = (t: ResourceType) => objectKind ?? { group: t.group, version: t.version, kind: t.kind };
  const resourceOf = (t: ResourceType) => ({ group: t.group, version: t.version, resource: t.plural });
  const inVersion = (object: KubeObject | undefined) =>
    object === undefined ? null : as === type || objectKind !== undefined ? object : toServed(as, object);
  const version = webhook.reviewVersions.includes("v1") ? "v1" : (webhook.reviewVersions[0] ?? "v1");
  return {
    kind: "AdmissionReview",
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind: kindOf(as),
      resource: resourceOf(as),
      ...(subresource === "" ? {} : { subResource: subresource }),
      requestKind: kindOf(type),
      requestResource: resourceOf(type),
      ...(subresource === "" ? {} : { requestSubResource: subresource }),
      ...(attributes.name === "" ? {} : { name: attributes.name }),
      ...(attributes.namespace === "" ? {} : { namespace: attributes.namespace }),
      operation: attributes.operation,
      userInfo: {
        ...(attributes.user.username === "" ? {} : { username: attributes.user.username }),
        ...(attributes.user.uid === undefined ? {} : { uid: attributes.user.uid }),
        ...(attributes.user.groups.length === 0 ? {} : { groups: attributes.user.groups }),
        ...(attributes.user.extra === undefined ? {} : { extra: attributes.user.extra }),
      },
      object: inVersion(attributes.object),
      oldObject: inVersion(attributes.oldObject),
      dryRun: attributes.dryRun,
      options: attributes.options,
    },
  };
}

/** What a webhook answered, checked. */
export interface Verdict {
  readonly allowed: boolean;
  readonly status: Partial<Status> | undefined;
  readonly warnings: readonly string[];
  /** JSON patch operations; undefined for none. */
  readonly patch: unknown;
}

/** Reads a webhook's answer. @throws TypeError with the original's words when it is none */
export function parseVerdict(text: string, sent: { uid: string; apiVersion: string; mutating: boolean }): Verdict {
  let review: unknown;
  try {
    review = JSON.parse(text);
  } catch {
    throw new TypeError(`failed to call webhook: couldn't get version/kind; json parse error: ${parseComplaint(text)}`);
  }
  if (review === null || typeof review !== "object" || Array.isArray(review)) {
    const word = Array.isArray(review)
      ? "array"
      : typeof review === "boolean"
        ? "bool"
        : review === null
          ? "null"
          : typeof review;
    throw new TypeError(
      `failed to call webhook: couldn't get version/kind; json parse error: json: cannot unmarshal ${word} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  }
  const { apiVersion, kind, response } = review as {
    apiVersion?: string;
    kind?: string;
    response?: Record<string, unknown>;
  };
  if (
    kind !== "AdmissionReview" ||
    (apiVersion !== "admission.k8s.io/v1" && apiVersion !== "admission.k8s.io/v1beta1")
  ) {
    throw new TypeError(
      `failed to call webhook: no kind ${JSON.stringify(kind ?? "")} is registered for version ${JSON.stringify(apiVersion ?? "")} in scheme "pkg/runtime/scheme.go:110"`,
    );
  }
  if (response === undefined || response === null)
    throw new TypeError("received invalid webhook response: webhook response was absent");
  if (apiVersion !== sent.apiVersion) {
    throw new TypeError(
      `received invalid webhook response: expected webhook response of ${sent.apiVersion}, Kind=AdmissionReview, got ${apiVersion}, Kind=AdmissionReview`,
    );
  }
  if (response["uid"] !== sent.uid) {
    throw new TypeError(
      `received invalid webhook response: expected response.uid=${JSON.stringify(sent.uid)}, got ${JSON.stringify(response["uid"] ?? "")}`,
    );
  }
  return {
    allowed: response["allowed"] === true,
    status: (response["status"] ?? response["result"]) as Partial<Status> | undefined,
    warnings: Array.isArray(response["warnings"]) ? response["warnings"].map(String).slice(0, 100) : [],
    patch: readPatch(response, sent.mutating),
  };
}

function readPatch(response: Record<string, unknown>, mutating: boolean): unknown {
  const { patch, patchType } = response as { patch?: unknown; patchType?: unknown };
  const has = typeof patch === "string" && patch !== "";
  if (!mutating) {
    if (has) throw new TypeError("received invalid webhook response: validating webhook may not return response.patch");
    if (typeof patchType === "string" && patchType !== "")
      throw new TypeError("received invalid webhook response: validating webhook may not return response.patchType");
    return undefined;
  }
  if (has && (patchType === undefined || patchType === null || patchType === "")) {
    throw new TypeError(
      "received invalid webhook response: webhook returned response.patch but not response.patchType",
    );
  }
  if (!has) {
    if (typeof patchType === "string" && patchType !== "")
      throw new TypeError(
        "received invalid webhook response: webhook returned response.patchType but not response.patch",
      );
    return undefined;
  }
  if (patchType !== "JSONPatch")
    throw new TypeError(
      `received invalid webhook response: invalid value of response.patchType ${JSON.stringify(patchType)}`,
    );
  const text = Buffer.from(patch as string, "base64").toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError(`received undecodable patch in webhook response: ${parseComplaint(text)}`);
  }
}

/** Go's complaint about a text that is no JSON, as far as its first character tells. */
function parseComplaint(text: string): string {
  const first = text.trimStart()[0];
  if (first === undefined) return "unexpected end of JSON input";
  for (const word of ["null", "true", "false"]) {
    if (first !== word[0]) continue;
    const rest = text.trimStart();
    for (let i = 1; i < word.length; i++) {
      if (rest[i] !== word[i])
        return rest[i] === undefined
          ? "unexpected end of JSON input"
          : `invalid character '${rest[i]}' in literal ${word} (expecting '${word[i]}')`;
    }
  }
  return `invalid character '${first}' looking for beginning of value`;
}

/** The refusal a denial becomes; never with a code that reads as success. */
export function denial(webhook: string, status: Partial<Status> | undefined): StatusError {
  const deniedBy = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const message = status?.message
    ? `${deniedBy}: ${status.message}`
    : status?.reason
      ? `${deniedBy}: ${status.reason}`
      : `${deniedBy} without explanation`;
  const code = typeof status?.code === "number" && status.code >= 400 && status.code < 600 ? status.code : 400;
  return new StatusError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(status?.reason ? { reason: status.reason } : {}),
    ...(status?.details ? { details: status.details } : {}),
    code,
  });
}

/** 500 of a webhook that could not be asked, with its name. */
export function callFailure(webhook: string, why: string): StatusError {
  const text = `failed calling webhook ${JSON.stringify(webhook)}: ${why}`;
  return failure("InternalError", `Internal error occurred: ${text}`, { status: { causes: [{ message: text }] } });
}
