import type { SubresourceRoutes } from "../http/resource-route.ts";
import type { KubeContext } from "../operations/kube-context.ts";
import type { TokenAuthenticator } from "./authenticate.ts";
import type { RbacAuthorizer } from "./rbac-authorizer.ts";
import { serveAccessReview } from "./review/access-review.ts";
import { serveRulesReview, serveSelfReview } from "./review/self-reviews.ts";
import { serveTokenReview } from "./review/token-review.ts";
import type { ServiceAccountTokens } from "./service-account-tokens.ts";

export interface ReviewParts {
  readonly kube: KubeContext;
  /** What SelfSubjectRulesReview shows; access reviews ask `kube.authorizer`. */
  readonly rules: RbacAuthorizer;
  readonly accountTokens: ServiceAccountTokens;
  /** Other bearer tokens that a TokenReview accepts. */
  readonly plainTokens: readonly TokenAuthenticator[];
}

/** The endpoints that answer questions about access and identity, keyed as the resource route wants them. */
export function reviewRoutes({ kube, rules, accountTokens, plainTokens }: ReviewParts): SubresourceRoutes {
  return new Map([
    [
      "subjectaccessreviews.authorization.k8s.io",
      (exchange, type) => serveAccessReview(kube, "subject", exchange, type),
    ],
    [
      "selfsubjectaccessreviews.authorization.k8s.io",
      (exchange, type) => serveAccessReview(kube, "self", exchange, type),
    ],
    [
      "localsubjectaccessreviews.authorization.k8s.io",
      (exchange, type) => serveAccessReview(kube, "local", exchange, type),
    ],
    ["selfsubjectrulesreviews.authorization.k8s.io", (exchange, type) => serveRulesReview(kube, rules, exchange, type)],
    [
      "tokenreviews.authentication.k8s.io",
      (exchange, type) => serveTokenReview({ kube, accountTokens, plainTokens }, exchange, type),
    ],
    ["selfsubjectreviews.authentication.k8s.io", (exchange, type) => serveSelfReview(kube, exchange, type)],
  ] satisfies [string, SubresourceRoutes extends ReadonlyMap<string, infer Handler> ? Handler : never][]);
}
