// SelfSubjectRulesReview and SelfSubjectReview: what the caller may do, and who the server takes them for.
import { badRequest } from "@holdfast/apimachinery/meta/status-error";
import type { Exchange } from "../../http/handler.ts";
import { type KubeContext, timestamp } from "../../operations/kube-context.ts";
import type { ResourceType } from "../../resources/resource-type.ts";
import { isRecord, type PolicyRule } from "../rbac/policy-rule.ts";
import { aggregate, type RbacAuthorizer } from "../rbac-authorizer.ts";
import type { UserInfo } from "../user.ts";
import { receiveReview, replyReview } from "./receive-review.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/ */
export async function serveRulesReview(
  kube: KubeContext,
  rules: RbacAuthorizer,
  exchange: Exchange,
  type: ResourceType,
): Promise<void> {
  const review = await receiveReview(kube, exchange, type);
  const spec = review.object["spec"];
  const namespace = isRecord(spec) && typeof spec["namespace"] === "string" ? spec["namespace"] : "";
  if (namespace === "") throw badRequest("no namespace on request");
  await review.admit();
  const held = rules.rulesFor(exchange.user, namespace);
  const missing = held.missing.map(
    ({ kind, name }) => `${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`,
  );
  replyReview(exchange, {
    kind: type.kind,
    apiVersion: review.object.apiVersion,
    metadata: {},
    spec: {},
    status: {
      resourceRules: held.rules.filter((r) => r.resources.length > 0).map(resourceRule),
      nonResourceRules: held.rules
        .filter((r) => r.nonResourceURLs.length > 0)
        .map((r) => ({ verbs: r.verbs, nonResourceURLs: r.nonResourceURLs })),
      incomplete: false,
      ...(missing.length === 0 ? {} : { evaluationError: aggregate(missing) }),
    },
  });
}

function resourceRule(rule: PolicyRule): object {
  return {
    verbs: rule.verbs,
    ...(rule.apiGroups.length === 0 ? {} : { apiGroups: rule.apiGroups }),
    resources: rule.resources,
    ...(rule.resourceNames.length === 0 ? {} : { resourceNames: rule.resourceNames }),
  };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/self-subject-review-v1/ */
export async function serveSelfReview(kube: KubeContext, exchange: Exchange, type: ResourceType): Promise<void> {
  const review = await receiveReview(kube, exchange, type);
  await review.admit();
  replyReview(exchange, {
    kind: type.kind,
    apiVersion: review.object.apiVersion,
    metadata: { creationTimestamp: timestamp(kube.now()) },
    status: { userInfo: userInfoJson(exchange.user) },
  });
}

/** authentication.k8s.io/v1 UserInfo: what is empty is left out. */
export function userInfoJson(user: UserInfo): object {
  const { username, uid, groups, extra } = user;
  return {
    ...(username === "" ? {} : { username }),
    ...(uid === undefined || uid === "" ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
