import { createHash } from "node:crypto";
import { openapiDocument } from "@holdfast/apimachinery/openapi/openapi-v3";
import type { Route } from "../http/handler.ts";
import { replyJson } from "../http/reply.ts";
import { KUBERNETES_VERSION } from "../resources/builtin-types.ts";
import type { ResourceRegistry } from "../resources/resource-registry.ts";
import { OPENAPI_V2_PROTOBUF, openapiV2Json, openapiV2Protobuf } from "./openapi-v2.ts";

/**
 * /openapi/v3: an index with one hashed URL a group version, and the documents. kubectl refuses to apply without the
 * fieldValidation parameter it looks for in them.
 */
export function createOpenapiRoute(registry: ResourceRegistry): Route {
  let made = -1;
  const documents = new Map<string, { json: string; hash: string }>();
  const documentOf = (group: string, version: string) => {
    if (made !== registry.generation) {
      documents.clear();
      made = registry.generation;
    }
    const key = group === "" ? `api/${version}` : `apis/${group}/${version}`;
    let document = documents.get(key);
    if (document === undefined) {
      const types = registry.groups().get(group)?.get(version) ?? [];
      const json = JSON.stringify(openapiDocument({ group, version, types, release: KUBERNETES_VERSION }));
      document = { json, hash: createHash("sha512").update(json).digest("hex").toUpperCase() };
      documents.set(key, document);
    }
    return document;
  };
  return (exchange) => {
    const path = exchange.info.path.replace(/\/+$/, "");
    if (path === "/openapi/v2") {
      const { request, response } = exchange;
      if (!(request.headers.accept ?? "").includes("proto-openapi.spec.v2")) {
        replyJson(response, 200, openapiV2Json(KUBERNETES_VERSION));
        return true;
      }
      const bytes = openapiV2Protobuf(KUBERNETES_VERSION);
      response.writeHead(200, { "content-type": OPENAPI_V2_PROTOBUF, "content-length": bytes.length }).end(bytes);
      return true;
    }
    if (path === "/openapi/v3") {
      const paths: Record<string, { serverRelativeURL: string }> = {};
      for (const [group, versions] of registry.groups()) {
        for (const version of versions.keys()) {
          const key = group === "" ? `api/${version}` : `apis/${group}/${version}`;
          paths[key] = { serverRelativeURL: `/openapi/v3/${key}?hash=${documentOf(group, version).hash}` };
        }
      }
      replyJson(exchange.response, 200, JSON.stringify({ paths }));
      return true;
    }
    const match = /^\/openapi\/v3\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))$/.exec(path);
    if (!match) return false;
    const [group, version] = match[1] === undefined ? [match[2] as string, match[3] as string] : ["", match[1]];
    if (!registry.hasGroupVersion(group, version)) return false;
    const document = documentOf(group, version);
    exchange.response.setHeader("etag", `"${document.hash}"`);
    if (exchange.request.headers["if-none-match"] === `"${document.hash}"`) {
      exchange.response.writeHead(304);
      exchange.response.end();
      return true;
    }
    if (exchange.info.query.get("hash") === document.hash)
      exchange.response.setHeader("cache-control", "public, immutable");
    replyJson(exchange.response, 200, document.json);
    return true;
  };
}
