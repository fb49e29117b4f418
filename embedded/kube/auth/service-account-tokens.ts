import type { Exchange, Route } from "../http/handler.ts";
import type { KubeContext } from "../operations/kube-context.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import { loadEs256Key } from "./tokens/es256-key.ts";
import { createIssuerDiscovery } from "./tokens/issuer-discovery.ts";
import { serveTokenRequest } from "./tokens/token-request.ts";
import { TokenVerifier, type Verdict } from "./tokens/token-verifier.ts";
import type { UserInfo } from "./user.ts";

export interface ServiceAccountTokenOptions {
  readonly kube: KubeContext;
  /** PEM of a private P-256 key; the caller keeps it. */
  readonly privateKeyPem: string;
  /** `iss` of every token; a token of another issuer is left to others. */
  readonly issuer: string;
  /** What the server itself is called: audiences of tokens that ask for none, and of those that it accepts. */
  readonly audiences: readonly string[];
}

/** Makes and judges the tokens of ServiceAccounts. */
export interface ServiceAccountTokens {
  readonly audiences: readonly string[];
  /** Undefined unless the token is one of ours, for this server, in force, and all it is bound to is there. */
  authenticate(token: string): UserInfo | undefined;
  /** The same with its reason, for chosen audiences (default: the server's own). */
  judge(token: string, audiences?: readonly string[]): Verdict;
  /** `serviceaccounts/token` */
  route(exchange: Exchange, type: ResourceType): Promise<void>;
  /** `/.well-known/openid-configuration` and `/openid/v1/jwks` */
  readonly discoveryRoute: Route;
}

/** @throws TypeError when the key is no P-256 key */
export function createServiceAccountTokens(options: ServiceAccountTokenOptions): ServiceAccountTokens {
  const { kube, issuer, audiences } = options;
  const key = loadEs256Key(options.privateKeyPem);
  const verifier = new TokenVerifier({ store: kube.store, key, issuer, audiences, now: () => kube.now() });
  return {
    audiences,
    authenticate(token) {
      const verdict = verifier.judge(token);
      return verdict.type === "accepted" ? verdict.user : undefined;
    },
    judge: (token, wanted) => verifier.judge(token, wanted),
    route: (exchange, type) => serveTokenRequest({ kube, key, issuer, audiences }, exchange, type),
    discoveryRoute: createIssuerDiscovery(issuer, [key.jwk]),
  };
}
