// What a request is about, read from its path and query alone (k8s.io/apiserver/pkg/endpoints/request).

export interface RequestInfo {
  readonly isResource: boolean;
  /** Path as sent, without the query. */
  readonly path: string;
  /** API verb for resources (`list`, `watch`, `deletecollection`, …), the HTTP method in lower case elsewhere. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows the subresource: the path behind /proxy/. */
  readonly rest: string;
  readonly query: URLSearchParams;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};
/** Subresources of a namespace, which would otherwise read as a resource inside of it. */
const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);

/** A query parameter that is set and not spelled as false: how the original reads booleans. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0";
}

export function parseRequest(method: string, url: string): RequestInfo | undefined {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  let parts: string[];
  try {
    parts = path
      .split("/")
      .filter((p) => p !== "")
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const plain: RequestInfo = {
    isResource: false,
    path,
    verb: method.toLowerCase(),
    group: "",
    version: "",
    namespace: "",
    resource: "",
    subresource: "",
    name: "",
    rest: "",
    query,
  };
  const isCore = parts[0] === "api";
  if (!isCore && parts[0] !== "apis") return plain;
  const head = isCore ? 2 : 3;
  if (parts.length <= head) return plain;
  const group = isCore ? "" : (parts[1] as string);
  const version = parts[head - 1] as string;
  let at = head;
  let verb = VERBS[method] ?? "";
  if (parts[at] === "watch" || parts[at] === "proxy") {
    // The old /watch/ prefix; answered as a watch of what follows.
    if (parts[at] === "watch") verb = "watch";
    at++;
    if (at >= parts.length) return plain;
  }
  let namespace = "";
  let rest = parts.slice(at);
  if (rest[0] === "namespaces" && rest.length > 1) {
    namespace = rest[1] as string;
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] as string)) rest = rest.slice(2);
  }
  const resource = rest[0] ?? "";
  const name = rest[1] ?? "";
  if (name === "" && verb === "get") {
    verb = isTrue(query.get("watch")) ? "watch" : "list";
  } else if (name === "" && verb === "delete") {
    verb = "deletecollection";
  }
  return {
    isResource: true,
    path,
    verb,
    group,
    version,
    namespace,
    resource,
    subresource: rest[2] ?? "",
    name,
    rest: rest.slice(3).join("/"),
    query,
  };
}
