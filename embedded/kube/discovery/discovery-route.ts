import { createHash } from "node:crypto";
import { failure } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf } from "@holdfast/apimachinery/meta/types";
import { compareVersions } from "../custom/version-order.ts";
import type { Exchange, Route } from "../http/handler.ts";
import { parseAccept } from "../http/media-type.ts";
import { ownAddress } from "../http/own-address.ts";
import { replyJson } from "../http/reply.ts";
import { BUILTIN_ROWS, type SubresourceRow } from "../resources/builtin-types.ts";
import type { ResourceRegistry } from "../resources/resource-registry.ts";
import type { ResourceType } from "../resources/resource-type.ts";

const BUILTIN_SUBRESOURCES = new Map(BUILTIN_ROWS.map((r) => [`${r.group}/${r.version}/${r.plural}`, r]));
const AGGREGATED = /^apidiscovery\.k8s\.io$/;

/** /api, /apis and below: what is served, in the aggregated form where asked for it, in the old documents elsewhere. */
export function createDiscoveryRoute(registry: ResourceRegistry): Route {
  let made = -1;
  const cache = new Map<string, string>();
  const cached = (key: string, make: () => unknown): string => {
    if (made !== registry.generation) {
      cache.clear();
      made = registry.generation;
    }
    let json = cache.get(key);
    if (json === undefined) {
      json = JSON.stringify(make());
      cache.set(key, json);
    }
    return json;
  };
  return (exchange) => {
    const { info } = exchange;
    const path = info.path.replace(/\/+$/, "");
    const parts = path.split("/").filter((p) => p !== "");
    if (parts[0] !== "api" && parts[0] !== "apis") return false;
    if (parts.length > 3 || (parts[0] === "api" && parts.length > 2)) return false;
    const answer = documentOf(registry, parts, exchange, cached);
    if (answer === undefined) return false;
    if (exchange.request.method !== "GET" && exchange.request.method !== "HEAD") {
      throw failure("MethodNotAllowed", "the server does not allow this method on the requested resource", {
        status: {},
      });
    }
    if (answer === "not acceptable") {
      const versions = parts[1] === undefined ? undefined : registry.groups().get(parts[1]);
      if (versions !== undefined && isCustom(versions)) {
        throw failure(
          "NotAcceptable",
          "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
        );
      }
      throw failure(
        "NotAcceptable",
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf",
        { status: {} },
      );
    }
    if (answer.aggregated !== undefined) exchange.response.setHeader("vary", "Accept");
    replyDiscovery(exchange, answer);
    return true;
  };
}

interface Answer {
  readonly json: string;
  /** Version of the aggregated form; its media type is part of the reply. */
  readonly aggregated?: string;
  readonly format: "json" | "yaml";
}

function replyDiscovery(exchange: Exchange, answer: Answer): void {
  if (answer.aggregated === undefined) {
    replyJson(exchange.response, 200, answer.json, answer.format);
    return;
  }
  const bytes = Buffer.from(answer.json);
  exchange.response.writeHead(200, {
    "content-type": `application/json;g=apidiscovery.k8s.io;v=${answer.aggregated};as=APIGroupDiscoveryList`,
    "content-length": bytes.length,
    "cache-control": "public",
  });
  exchange.response.end(bytes);
}

function documentOf(
  registry: ResourceRegistry,
  parts: readonly string[],
  exchange: Exchange,
  cached: (key: string, make: () => unknown) => string,
): Answer | "not acceptable" | undefined {
  const path = parts.join("/");
  const isRoot = path === "api" || path === "apis";
  const accepted = acceptOf(exchange.request.headers.accept, isRoot);
  if (parts[0] === "apis" && parts.length >= 2 && !registry.groups().has(parts[1] as string)) return undefined;
  if (parts.length === 3 && !registry.hasGroupVersion(parts[1] as string, parts[2] as string)) return undefined;
  if (parts[0] === "api" && parts.length === 2 && parts[1] !== "v1") return undefined;
  if (accepted === undefined) return "not acceptable";
  if (accepted.aggregated !== undefined) {
    return {
      json: cached(`${path} ${accepted.aggregated}`, () =>
        aggregatedDocument(registry, path === "api", accepted.aggregated as string),
      ),
      ...accepted,
    };
  }
  if (path === "api") return { json: JSON.stringify(coreVersions(exchange)), format: accepted.format };
  const json = cached(path, () => {
    if (path === "apis") {
      const groups = [...registry.groups()]
        .filter(([group]) => group !== "")
        .map(([group, versions]) =>
          groupDocument(
            group,
            inOrder(versions).map(([version]) => version),
          ),
        );
      return { kind: "APIGroupList", apiVersion: "v1", groups };
    }
    if (parts[0] === "apis" && parts.length === 2) {
      const group = parts[1] as string;
      return {
        kind: "APIGroup",
        apiVersion: "v1",
        ...groupDocument(
          group,
          inOrder(registry.groups().get(group) ?? new Map()).map(([version]) => version),
        ),
      };
    }
    const [group, version] = parts[0] === "api" ? ["", "v1"] : [parts[1] as string, parts[2] as string];
    return resourceList(registry, group, version);
  });
  return { json, format: accepted.format };
}

/** Not the same for everybody, so it is made for each who asks. */
function coreVersions({ request }: Exchange): object {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: ownAddress(request) }],
  };
}

function acceptOf(
  header: string | undefined,
  isRoot: boolean,
): { format: "json" | "yaml"; aggregated?: string } | undefined {
  for (const { type, parameters } of parseAccept(header)) {
    const isJson = type === "application/json";
    if (isJson && parameters.get("as") === "APIGroupDiscoveryList" && AGGREGATED.test(parameters.get("g") ?? "")) {
      const version = parameters.get("v") ?? "";
      if (isRoot && (version === "v2" || version === "v2beta1")) return { format: "json", aggregated: version };
      continue;
    }
    if (parameters.has("as")) continue;
    if (isJson || type === "*/*" || type === "application/*") return { format: "json" };
    if (type === "application/yaml") return { format: "yaml" };
  }
  return undefined;
}

function groupDocument(group: string, versions: readonly string[]): object {
  const listed = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: listed, preferredVersion: listed[0] };
}

const VERB_ORDER = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

function resourceList(registry: ResourceRegistry, group: string, version: string): unknown {
  const types = [...(registry.groups().get(group)?.get(version) ?? [])].sort((a, b) => (a.plural < b.plural ? -1 : 1));
  const custom = types.some((t) => t.definition !== undefined);
  const resources = types.flatMap((type) => [
    {
      name: type.plural,
      singularName: type.singular,
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: orderVerbs(type, custom),
      ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
      ...(type.categories.length === 0 ? {} : { categories: type.categories }),
      ...(type.verbs.length > 1 ? { storageVersionHash: versionHash(type) } : {}),
    },
    ...subresourcesOf(type).map((sub) => ({
      name: `${type.plural}/${sub.name}`,
      singularName: "",
      namespaced: type.namespaced,
      ...(sub.group === undefined ? {} : { group: sub.group, version: sub.version }),
      kind: sub.kind ?? type.kind,
      verbs: sub.verbs,
    })),
  ]);
  return {
    kind: "APIResourceList",
    ...(group === "" ? {} : { apiVersion: "v1" }),
    groupVersion: apiVersionOf({ group, version }),
    resources,
  };
}

/** Custom resources list their verbs in an order of their own, and clients compare documents. */
function orderVerbs(type: ResourceType, custom: boolean): string[] {
  const verbs = VERB_ORDER.filter((v) => (type.verbs as readonly string[]).includes(v));
  return custom
    ? ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"].filter((v) =>
        verbs.includes(v),
      )
    : verbs;
}

function subresourcesOf(type: ResourceType): readonly SubresourceRow[] {
  const row =
    type.definition === undefined
      ? BUILTIN_SUBRESOURCES.get(`${type.group}/${type.version}/${type.plural}`)
      : undefined;
  if (row !== undefined) return row.subresources;
  return [
    ...(type.hasStatus ? [{ name: "status", verbs: ["get", "patch", "update"] }] : []),
    ...(type.scale === undefined
      ? []
      : [{ name: "scale", verbs: ["get", "patch", "update"], group: "autoscaling", version: "v1", kind: "Scale" }]),
  ];
}

/** Changes when the form a resource is stored in does. */
function versionHash({ group, storageVersion, kind }: ResourceType): string {
  return createHash("sha256").update(`${group}/${storageVersion}/${kind}`).digest().subarray(0, 8).toString("base64");
}

function aggregatedDocument(registry: ResourceRegistry, core: boolean, version: string): unknown {
  const items = [...registry.groups()]
    .filter(([group]) => (group === "") === core)
    .map(([group, versions]) => ({
      metadata: {
        ...(group === "" ? {} : { name: group }),
        ...(isCustom(versions) ? {} : { creationTimestamp: null }),
      },
      versions: inOrder(versions).map(([v, types]) => ({
        version: v,
        resources: [...types].sort((a, b) => (a.plural < b.plural ? -1 : 1)).map((type) => aggregatedResource(type)),
        freshness: "Current",
      })),
    }));
  return { kind: "APIGroupDiscoveryList", apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function isCustom(versions: ReadonlyMap<string, readonly ResourceType[]>): boolean {
  return [...versions.values()].every((types) => types.every((type) => type.definition !== undefined));
}

/** Preferred versions first; built-in groups are registered in their order. */
function inOrder(versions: ReadonlyMap<string, readonly ResourceType[]>): [string, readonly ResourceType[]][] {
  const entries = [...versions];
  return isCustom(versions) ? entries.sort(([a], [b]) => compareVersions(a, b)) : entries;
}

function aggregatedResource(type: ResourceType): unknown {
  const subresources = subresourcesOf(type).map((sub) => ({
    subresource: sub.name,
    responseKind: { group: sub.group ?? type.group, version: sub.version ?? type.version, kind: sub.kind ?? type.kind },
    verbs: sub.verbs,
  }));
  return {
    resource: type.plural,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? "Namespaced" : "Cluster",
    singularResource: type.singular,
    verbs: orderVerbs(type, type.definition !== undefined),
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}
