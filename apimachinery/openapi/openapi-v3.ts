// OpenAPI 3.0 documents of a group version, as far as clients read them: kubectl's validation and explain, Helm.
import { fieldsOf } from "../builtin/type-table.ts";
import { apiVersionOf, type JsonObject } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";

/** What a document needs to know of a resource. */
export interface OpenapiResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly hasStatus: boolean;
  readonly scale?: unknown;
  /** Custom resources bring their schema; a built-in kind names its type. */
  readonly openapi: {
    readonly name: string;
    readonly schema: (() => JsonSchema) | undefined;
    readonly typeKey?: string;
  };
}

/** The document of one group version. */
export function openapiDocument(input: {
  readonly group: string;
  readonly version: string;
  readonly types: readonly OpenapiResource[];
  readonly release: string;
}): JsonObject {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, unknown> = {};
  addBuiltin("meta/v1.DeleteOptions", schemas);
  addBuiltin("meta/v1.Status", schemas);
  for (const type of input.types) {
    addResource(type, schemas);
    addPaths(type, paths);
  }
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: input.release },
    paths: paths as JsonObject,
    components: {
      schemas: schemas as JsonObject,
      securitySchemes: {
        BearerToken: {
          type: "apiKey",
          description: "Bearer Token authentication",
          name: "authorization",
          in: "header",
        },
      },
    },
  };
}

function addResource(type: OpenapiResource, schemas: Record<string, unknown>): void {
  const gvk = [{ group: type.group, version: type.version, kind: type.kind }];
  const { name } = type.openapi;
  if (type.openapi.typeKey !== undefined) {
    addBuiltin(type.openapi.typeKey, schemas);
    const own = schemas[name] as Record<string, unknown> | undefined;
    if (own !== undefined) {
      own["x-kubernetes-group-version-kind"] = gvk;
      own["properties"] = {
        apiVersion: { type: "string" },
        kind: { type: "string" },
        ...(own["properties"] as object),
      };
    }
  } else {
    addBuiltin("meta/v1.ObjectMeta", schemas);
    const schema = type.openapi.schema?.() ?? { type: "object" };
    schemas[name] = {
      ...published(schema),
      properties: {
        ...((published(schema) as { properties?: object }).properties ?? {}),
        apiVersion: { type: "string" },
        kind: { type: "string" },
        metadata: { allOf: [{ $ref: refOf(builtinName("meta/v1.ObjectMeta")) }] },
      },
      "x-kubernetes-group-version-kind": gvk,
    };
  }
  addBuiltin("meta/v1.ListMeta", schemas);
  schemas[`${name}List`] = {
    type: "object",
    required: ["items"],
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      items: { type: "array", items: { $ref: refOf(name) } },
      metadata: { $ref: refOf(builtinName("meta/v1.ListMeta")) },
    },
    "x-kubernetes-group-version-kind": [{ group: type.group, version: type.version, kind: type.listKind }],
  };
}

/** The schema as it is published: rules and defaults stay, what has no meaning for clients goes. */
function published(schema: JsonSchema): Record<string, unknown> {
  return schema as unknown as Record<string, unknown>;
}

const QUERY = ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
  name,
  in: "query",
  schema: { type: "string", uniqueItems: true },
}));
const FORCE = { name: "force", in: "query", schema: { type: "boolean", uniqueItems: true } };
const LIST_QUERY = [
  "allowWatchBookmarks",
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
  "watch",
].map((name) => ({
  name,
  in: "query",
  schema: {
    type:
      name === "limit" || name === "timeoutSeconds"
        ? "integer"
        : ["allowWatchBookmarks", "sendInitialEvents", "watch"].includes(name)
          ? "boolean"
          : "string",
    uniqueItems: true,
  },
}));
const PATCHES = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

function addPaths(type: OpenapiResource, paths: Record<string, unknown>): void {
  const root = type.group === "" ? `/api/${type.version}` : `/apis/${apiVersionOf(type)}`;
  const collection = type.namespaced ? `${root}/namespaces/{namespace}/${type.plural}` : `${root}/${type.plural}`;
  const gvk = { group: type.group, version: type.version, kind: type.kind };
  const scope = type.namespaced ? [pathParameter("namespace")] : [];
  const operation = (action: string, parameters: readonly unknown[], body: boolean) => ({
    tags: [`${type.group === "" ? "core" : type.group}_${type.version}`],
    operationId: `${action}${type.namespaced ? "Namespaced" : ""}${type.kind}`,
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": gvk,
    parameters,
    ...(body ? { requestBody: { required: true, content: contentOf(action, type) } } : {}),
    responses: {
      "200": { description: "OK", content: { "application/json": { schema: { $ref: refOf(type.openapi.name) } } } },
    },
  });
  const has = (verb: string) => type.verbs.includes(verb);
  paths[collection] = {
    ...(has("list") ? { get: operation("list", LIST_QUERY, false) } : {}),
    ...(has("create") ? { post: operation("post", QUERY, true) } : {}),
    ...(has("deletecollection") ? { delete: operation("deletecollection", LIST_QUERY, false) } : {}),
    parameters: scope,
  };
  if (type.verbs.length <= 1) return;
  paths[`${collection}/{name}`] = {
    ...(has("get") ? { get: operation("get", [], false) } : {}),
    ...(has("update") ? { put: operation("put", QUERY, true) } : {}),
    ...(has("delete") ? { delete: operation("delete", [], false) } : {}),
    ...(has("patch") ? { patch: operation("patch", [...QUERY, FORCE], true) } : {}),
    parameters: [pathParameter("name"), ...scope],
  };
  if (type.hasStatus) {
    paths[`${collection}/{name}/status`] = {
      get: operation("get", [], false),
      put: operation("put", QUERY, true),
      patch: operation("patch", [...QUERY, FORCE], true),
      parameters: [pathParameter("name"), ...scope],
    };
  }
  if (type.namespaced && has("list")) paths[`${root}/${type.plural}`] = { get: operation("list", LIST_QUERY, false) };
}

function pathParameter(name: string): unknown {
  return { name, in: "path", required: true, schema: { type: "string", uniqueItems: true } };
}

function contentOf(action: string, type: OpenapiResource): unknown {
  const types =
    action === "patch"
      ? PATCHES.filter((p) => type.openapi.typeKey !== undefined || !p.includes("strategic"))
      : ["application/json", "application/yaml"];
  const schema = action === "patch" ? { type: "object" } : { $ref: refOf(type.openapi.name) };
  return Object.fromEntries(types.map((t) => [t, { schema }]));
}

/** `io.k8s.api.apps.v1.Deployment` for `apps/v1.Deployment`. */
export function builtinName(typeKey: string): string {
  const at = typeKey.lastIndexOf(".");
  const [group, version] = typeKey.slice(0, at).split("/") as [string, string];
  const kind = typeKey.slice(at + 1);
  if (group === "meta") return `io.k8s.apimachinery.pkg.apis.meta.${version}.${kind}`;
  if (group === "apiextensions") return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${kind}`;
  if (group === "apiregistration") return `io.k8s.kube-aggregator.pkg.apis.apiregistration.${version}.${kind}`;
  return `io.k8s.api.${group}.${version}.${kind}`;
}

/** `com.example.v1.Widget` for example.com/v1 Widget. */
export function customName(group: string, version: string, kind: string): string {
  return `${group.split(".").reverse().join(".")}.${version}.${kind}`;
}

function refOf(name: string): string {
  return `#/components/schemas/${name}`;
}

const SCALARS: Readonly<Record<string, unknown>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  float64: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
  quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
  time: { type: "string", format: "date-time" },
  microtime: { type: "string", format: "date-time" },
  duration: { type: "string" },
  intorstring: { oneOf: [{ type: "integer" }, { type: "string" }], format: "int-or-string" },
  raw: { type: "object" },
  fieldsv1: { type: "object" },
  json: {},
  propsorbool: {},
  propsorarray: {},
  propsorstrings: {},
};

/** Puts a built-in type and everything it refers to among the schemas. */
function addBuiltin(key: string, schemas: Record<string, unknown>): void {
  const name = builtinName(key);
  if (schemas[name] !== undefined) return;
  const properties: Record<string, unknown> = {};
  const required: string[] = [];
  schemas[name] = { type: "object", properties };
  collect(key, properties, required, schemas);
  if (required.length > 0) (schemas[name] as Record<string, unknown>)["required"] = required;
}

function collect(
  key: string,
  properties: Record<string, unknown>,
  required: string[],
  schemas: Record<string, unknown>,
): void {
  for (const field of fieldsOf(key) ?? []) {
    if (field.options.inline) {
      collect(field.type, properties, required, schemas);
      continue;
    }
    const schema = typeSchema(field.type, schemas);
    const { options } = field;
    const extra: Record<string, unknown> = {};
    if (options.listType !== undefined) extra["x-kubernetes-list-type"] = options.listType;
    if (options.listMapKeys !== undefined) extra["x-kubernetes-list-map-keys"] = options.listMapKeys;
    if (options.mapType !== undefined) extra["x-kubernetes-map-type"] = options.mapType;
    if (options.patchStrategy !== undefined) extra["x-kubernetes-patch-strategy"] = options.patchStrategy;
    if (options.patchMergeKey !== undefined) extra["x-kubernetes-patch-merge-key"] = options.patchMergeKey;
    // A reference stands alone in OpenAPI 3.0: what is added to it goes around it.
    properties[field.name] =
      "$ref" in (schema as object) ? { allOf: [schema], ...extra } : { ...(schema as object), ...extra };
    if (options.required) required.push(field.name);
  }
}

function typeSchema(type: string, schemas: Record<string, unknown>): unknown {
  if (type.startsWith("[]")) return { type: "array", items: typeSchema(type.slice(2), schemas) };
  if (type.startsWith("{}")) return { type: "object", additionalProperties: typeSchema(type.slice(2), schemas) };
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  addBuiltin(type, schemas);
  return { $ref: refOf(builtinName(type)) };
}
