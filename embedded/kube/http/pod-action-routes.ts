import { badRequest, type Status } from "@holdfast/apimachinery/meta/status-error";
import type { Json, KubeObject } from "@holdfast/apimachinery/meta/types";
import { bindPod, checkBindingTarget } from "../operations/bind-pod.ts";
import { evictPod } from "../operations/evict-pod.ts";
import type { KubeContext } from "../operations/kube-context.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import { decodeBody } from "./decode-body.ts";
import { parseDeleteOptions } from "./delete-options.ts";
import type { Exchange } from "./handler.ts";
import { replyStatus } from "./reply.ts";
import { readBody } from "./request-body.ts";
import type { SubresourceRoutes } from "./resource-route.ts";
import { methodNotAllowed } from "./subresource-route.ts";
import { callerOf, dryRunOf } from "./write-options.ts";

const DONE: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

/** pods/binding and pods/eviction. */
export function podActionRoutes(kube: KubeContext): SubresourceRoutes {
  return new Map([
    ["pods/binding", (exchange, type) => serveBinding(kube, exchange, type)],
    ["pods/eviction", (exchange, type) => serveEviction(kube, exchange, type)],
  ]);
}

/** POST namespaces/N/bindings: the same as pods/binding, the pod being named in the body. */
export function bindingsRoute(kube: KubeContext): SubresourceRoutes {
  return new Map([["bindings", (exchange, type) => serveBinding(kube, exchange, type)]]);
}

async function bodyOf(exchange: Exchange, kind: string): Promise<KubeObject> {
  const { value } = decodeBody(await readBody(exchange.request), exchange.request.headers["content-type"], { kind });
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw badRequest(`${kind} must be an object`);
  const object = value as unknown as KubeObject;
  return { ...object, metadata: object.metadata ?? {} };
}

async function serveBinding(kube: KubeContext, exchange: Exchange, type: ResourceType): Promise<void> {
  const { info } = exchange;
  if (info.verb !== "create") throw methodNotAllowed(type, info.verb);
  const dryRun = dryRunOf(exchange, "CreateOptions");
  const binding = await bodyOf(exchange, "Binding");
  const node = checkBindingTarget((binding["target"] ?? {}) as { kind?: unknown; name?: unknown });
  const pod = info.name === "" ? (binding.metadata.name ?? "") : info.name;
  if (info.name !== "" && (binding.metadata.name ?? info.name) !== info.name)
    throw badRequest("name in URL does not match name in Binding object");
  await kube.admission.validate({
    operation: "CREATE",
    type,
    objectKind: { group: "", version: "v1", kind: "Binding" },
    subresource: info.name === "" ? "" : "binding",
    namespace: info.namespace,
    name: pod,
    object: binding,
    oldObject: undefined,
    options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    dryRun,
    user: exchange.user,
    warn: exchange.warn,
  });
  const { uid, annotations, labels } = binding.metadata;
  await bindPod(kube, {
    namespace: info.namespace,
    pod,
    node,
    ...(uid === undefined || uid === "" ? {} : { uid }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(labels === undefined ? {} : { labels }),
    dryRun,
  });
  replyStatus(exchange.response, DONE, 201);
}

async function serveEviction(kube: KubeContext, exchange: Exchange, type: ResourceType): Promise<void> {
  const { info } = exchange;
  if (info.verb !== "create") throw methodNotAllowed(type, info.verb);
  const dryRun = dryRunOf(exchange, "CreateOptions");
  const eviction = await bodyOf(exchange, "Eviction");
  if ((eviction.metadata.name ?? info.name) !== info.name)
    throw badRequest("name in URL does not match name in Eviction object");
  const options = parseDeleteOptions((eviction["deleteOptions"] ?? {}) as Json);
  await evictPod(kube, {
    namespace: info.namespace,
    pod: info.name,
    options: { ...options, dryRun: options.dryRun || dryRun },
    caller: callerOf(exchange),
  });
  replyStatus(exchange.response, DONE, 201);
}
