// admission.k8s.io/v1 AdmissionReview, from the side of a webhook.

import type { Caller } from "@holdfast/domain/access/caller";
import type { Decision } from "@holdfast/domain/decision";
import { controllerErrors } from "../errors.ts";

export interface ReviewRequest {
  readonly uid: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly name: string;
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly caller: Caller;
  readonly object: unknown;
  readonly oldObject: unknown;
}

export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly code?: number;
  readonly message?: string;
  readonly reason?: string;
  readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field: string }[];
  readonly warnings?: readonly string[];
  /** JSON patch operations. */
  readonly patch?: readonly unknown[];
}

const IDENTITY_PROVIDER_EXTRA = "butler.butlerlabs.dev/identity-provider";

/** Reads the request of a review. @throws BUTLER_REVIEW_UNREADABLE */
export function parseReview(text: string, kind: string): ReviewRequest {
  const refuse = (why: string, cause?: unknown) =>
    controllerErrors.create("BUTLER_REVIEW_UNREADABLE", { kind, why }, { cause });
  let review: unknown;
  try {
    review = JSON.parse(text);
  } catch (cause) {
    throw refuse("the body is no JSON", cause);
  }
  if (!isRecord(review) || review["kind"] !== "AdmissionReview" || review["apiVersion"] !== "admission.k8s.io/v1") {
    throw refuse("the body is no AdmissionReview of admission.k8s.io/v1");
  }
  const { request } = review;
  if (!isRecord(request) || typeof request["uid"] !== "string" || request["uid"] === "")
    throw refuse("the review has no request with a uid");
  const user = isRecord(request["userInfo"]) ? request["userInfo"] : {};
  const extra = isRecord(user["extra"]) ? user["extra"][IDENTITY_PROVIDER_EXTRA] : undefined;
  const identityProvider = Array.isArray(extra) && typeof extra[0] === "string" ? extra[0] : undefined;
  return {
    uid: request["uid"],
    operation: String(request["operation"] ?? "") as ReviewRequest["operation"],
    name: String(request["name"] ?? ""),
    namespace: String(request["namespace"] ?? ""),
    dryRun: request["dryRun"] === true,
    caller: {
      username: typeof user["username"] === "string" ? user["username"] : "",
      groups: Array.isArray(user["groups"]) ? user["groups"].filter((g) => typeof g === "string") : [],
      ...(identityProvider === undefined ? {} : { identityProvider }),
    },
    object: request["object"] ?? undefined,
    oldObject: request["oldObject"] ?? undefined,
  };
}

/** The object of a request as one of `kind`. @throws BUTLER_REVIEW_UNREADABLE */
export function objectOf<T>(value: unknown, kind: string): T {
  if (!isRecord(value) || value["kind"] !== kind || !isRecord(value["metadata"])) {
    throw controllerErrors.create("BUTLER_REVIEW_UNREADABLE", {
      kind,
      why: `the request holds no object of kind ${kind}`,
    });
  }
  return value as T;
}

/** A decision as a webhook answers it. */
export function answerOf(decision: Decision): ReviewAnswer {
  if (decision.allowed) return { allowed: true, warnings: decision.warnings };
  return {
    allowed: false,
    code: 403,
    reason: "Forbidden",
    message: decision.message,
    causes: decision.causes.map((cause) => ({ reason: cause.type, field: cause.field, message: cause.detail })),
    warnings: decision.warnings,
  };
}

/** The text of the whole reply. */
export function printReview(uid: string, answer: ReviewAnswer): string {
  const { allowed, code, message, reason, causes, warnings, patch } = answer;
  return JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    response: {
      uid,
      allowed,
      ...(patch === undefined || patch.length === 0
        ? {}
        : { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") }),
      ...(allowed
        ? {}
        : {
            status: {
              status: "Failure",
              message: message ?? "",
              ...(reason === undefined ? {} : { reason }),
              ...(causes === undefined || causes.length === 0 ? {} : { details: { causes } }),
              code: code ?? 403,
            },
          }),
      ...(warnings === undefined || warnings.length === 0 ? {} : { warnings }),
    },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
