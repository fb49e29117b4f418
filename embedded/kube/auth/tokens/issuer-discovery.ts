// https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Route } from "../../http/handler.ts";
import { ownAddress } from "../../http/own-address.ts";
import { replyText } from "../../http/reply.ts";
import type { JsonWebKey } from "./es256-key.ts";

/** The issuer's own description and its public keys, for whoever verifies tokens without asking the server each time. */
export function createIssuerDiscovery(issuer: string, keys: readonly JsonWebKey[]): Route {
  const jwks = JSON.stringify({ keys });
  return ({ info, request, response }) => {
    const path = info.path.replace(/\/$/, "");
    if (path !== "/.well-known/openid-configuration" && path !== "/openid/v1/jwks") return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      replyText(response, 405, "405 method not allowed\n");
      return true;
    }
    if (path === "/openid/v1/jwks") send(response, "application/jwk-set+json", jwks);
    else send(response, "application/json", description(issuer, request));
    return true;
  };
}

function description(issuer: string, request: IncomingMessage): string {
  return JSON.stringify({
    issuer,
    jwks_uri: `https://${ownAddress(request)}/openid/v1/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
  });
}

function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "public, max-age=3600",
  });
  response.end(body);
}
