// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
import { badRequest } from "@holdfast/apimachinery/meta/status-error";
import type { Exchange } from "../../http/handler.ts";
import type { KubeContext } from "../../operations/kube-context.ts";
import type { ResourceType } from "../../resources/resource-type.ts";
import { type TokenAuthenticator, withAuthenticatedGroup } from "../authenticate.ts";
import { isRecord } from "../rbac/policy-rule.ts";
import { aggregate } from "../rbac-authorizer.ts";
import type { ServiceAccountTokens } from "../service-account-tokens.ts";
import { receiveReview, replyReview } from "./receive-review.ts";
import { userInfoJson } from "./self-reviews.ts";

export interface TokenReviewParts {
  readonly kube: KubeContext;
  readonly accountTokens: ServiceAccountTokens;
  /** Tokens without an audience of their own (static ones): they are for the server itself. */
  readonly plainTokens: readonly TokenAuthenticator[];
}

export async function serveTokenReview(parts: TokenReviewParts, exchange: Exchange, type: ResourceType): Promise<void> {
  const review = await receiveReview(parts.kube, exchange, type);
  const spec = review.object["spec"];
  const token = isRecord(spec) && typeof spec["token"] === "string" ? spec["token"] : "";
  if (token === "") throw badRequest("token is required for TokenReview in authentication");
  const sent = isRecord(spec) && Array.isArray(spec["audiences"]) ? spec["audiences"].map(String) : [];
  await review.admit();
  const status = await judge(parts, token, sent.length === 0 ? parts.accountTokens.audiences : sent);
  replyReview(exchange, { ...review.object, status });
}

async function judge(parts: TokenReviewParts, token: string, audiences: readonly string[]): Promise<object> {
  const common = audiences.filter((a) => parts.accountTokens.audiences.includes(a));
  if (common.length > 0) {
    for (const authenticate of parts.plainTokens) {
      const user = await authenticate(token);
      if (user !== undefined)
        return { authenticated: true, user: userInfoJson(withAuthenticatedGroup(user)), audiences: common };
    }
  }
  const verdict = parts.accountTokens.judge(token, audiences);
  if (verdict.type === "accepted") {
    return {
      authenticated: true,
      user: userInfoJson(withAuthenticatedGroup(verdict.user)),
      audiences: verdict.audiences,
    };
  }
  return {
    user: {},
    error: aggregate(["invalid bearer token", ...(verdict.problem === undefined ? [] : [verdict.problem])]),
  };
}
