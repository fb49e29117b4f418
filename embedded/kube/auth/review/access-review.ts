// SubjectAccessReview, SelfSubjectAccessReview, LocalSubjectAccessReview.
// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/
import { type FieldError, invalid } from "@holdfast/apimachinery/meta/field-error";
import { invalidObject } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Exchange } from "../../http/handler.ts";
import type { KubeContext } from "../../operations/kube-context.ts";
import type { ResourceType } from "../../resources/resource-type.ts";
import { isRecord } from "../rbac/policy-rule.ts";
import type { Attributes, UserInfo } from "../user.ts";
import { receiveReview, replyReview } from "./receive-review.ts";
import { evaluationError, selectorErrors } from "./review-selectors.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Who is asked about: the caller, or whom the review names (in one namespace). */
export type AccessReviewKind = "self" | "subject" | "local";

export async function serveAccessReview(
  kube: KubeContext,
  kind: AccessReviewKind,
  exchange: Exchange,
  type: ResourceType,
): Promise<void> {
  const review = await receiveReview(kube, exchange, type);
  const { object } = review;
  const spec: Fields = isRecord(object["spec"]) ? object["spec"] : {};
  const errors = validateReview(kind, object, spec);
  if (errors.length > 0) throw invalidObject({ group: "authorization.k8s.io", resource: "" }, "", errors);
  await review.admit();
  const user = kind === "self" ? exchange.user : subjectOf(spec);
  const decision = kube.authorizer.authorize(attributesOf(spec, user));
  const problem = evaluationError(spec["resourceAttributes"]);
  replyReview(exchange, {
    ...object,
    status: {
      allowed: decision.allowed,
      ...(decision.reason === "" ? {} : { reason: decision.reason }),
      ...(problem === "" ? {} : { evaluationError: problem }),
    },
  });
}

function validateReview(kind: AccessReviewKind, object: KubeObject, spec: Fields): FieldError[] {
  const errors: FieldError[] = [];
  const resource = isRecord(spec["resourceAttributes"]) ? spec["resourceAttributes"] : undefined;
  const path = isRecord(spec["nonResourceAttributes"]) ? spec["nonResourceAttributes"] : undefined;
  if (resource !== undefined && path !== undefined) {
    errors.push(
      invalid("spec.nonResourceAttributes", goPath(path), "cannot be specified in combination with resourceAttributes"),
    );
  }
  if (resource === undefined && path === undefined) {
    errors.push(
      invalid(
        "spec.resourceAttributes",
        null,
        "exactly one of nonResourceAttributes or resourceAttributes must be specified",
      ),
    );
  }
  if (kind !== "self" && text(spec, "user") === "" && !(Array.isArray(spec["groups"]) && spec["groups"].length > 0)) {
    errors.push(invalid("spec.user", text(spec, "user"), "at least one of user or group must be specified"));
  }
  if (resource !== undefined) errors.push(...selectorErrors(resource, "spec.resourceAttributes"));
  const { managedFields, namespace, ...metadata } = object.metadata;
  if (Object.keys(metadata).length > 0) {
    errors.push(
      invalid("metadata", object.metadata, kind === "local" ? "must be empty except for namespace" : "must be empty"),
    );
  }
  if (kind === "local") {
    if (resource !== undefined && text(resource, "namespace") !== namespace) {
      errors.push(
        invalid("spec.resourceAttributes.namespace", text(resource, "namespace"), "must match metadata.namespace"),
      );
    }
    if (path !== undefined)
      errors.push(invalid("spec.nonResourceAttributes", goPath(path), "disallowed on this kind of request"));
  }
  return errors;
}

/** How the original's texts show these attributes: with the names of its own struct. */
function goPath(path: Fields): object {
  return { Path: text(path, "path"), Verb: text(path, "verb") };
}

function subjectOf(spec: Fields): UserInfo {
  const extra: Record<string, readonly string[]> = Object.create(null) as Record<string, readonly string[]>;
  const sent = isRecord(spec["extra"]) ? spec["extra"] : {};
  for (const [key, values] of Object.entries(sent)) if (Array.isArray(values)) extra[key] = values.map(String);
  const uid = text(spec, "uid");
  return {
    username: text(spec, "user"),
    ...(uid === "" ? {} : { uid }),
    groups: Array.isArray(spec["groups"]) ? spec["groups"].map(String) : [],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function attributesOf(spec: Fields, user: UserInfo): Attributes {
  const resource = spec["resourceAttributes"];
  if (isRecord(resource)) {
    return {
      user,
      verb: text(resource, "verb"),
      group: text(resource, "group"),
      version: text(resource, "version"),
      resource: text(resource, "resource"),
      subresource: text(resource, "subresource"),
      namespace: text(resource, "namespace"),
      name: text(resource, "name"),
    };
  }
  const path: Fields = isRecord(spec["nonResourceAttributes"]) ? spec["nonResourceAttributes"] : {};
  return {
    user,
    verb: text(path, "verb"),
    path: text(path, "path"),
    group: "",
    version: "",
    resource: "",
    subresource: "",
    namespace: "",
    name: "",
  };
}

function text(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === "string" ? value : "";
}
