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

interface Asked {
  readonly type: ResourceType;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** Of the pod. */
  readonly name: string;
  readonly object: KubeObject;
  readonly dryRun: boolean;
}

/** Lets admission judge what is asked of a pod; nothing of it is stored, so nothing can be changed in it. */
function admit(kube: KubeContext, exchange: Exchange, { type, kind, name, object, dryRun }: Asked): Promise<void> {
  return kube.admission.validate({
    operation: "CREATE",
    type,
    objectKind: kind,
    subresource: exchange.info.subresource,
    namespace: exchange.info.namespace,
    name,
    object,
    oldObject: undefined,
    options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    dryRun,
    user: exchange.user,
    warn: exchange.warn,
  });
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
  const kind = { group: "", version: "v1", kind: "Binding" };
  await admit(kube, exchange, { type, kind, name: pod, object: binding, dryRun });
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
  const asked = parseDeleteOptions((eviction["deleteOptions"] ?? {}) as Json);
  const options = { ...asked, dryRun: asked.dryRun || dryRun };
  const kind = { group: "policy", version: "v1", kind: "Eviction" };
  await admit(kube, exchange, { type, kind, name: info.name, object: eviction, dryRun: options.dryRun });
  await evictPod(kube, { namespace: info.namespace, pod: info.name, options, caller: callerOf(exchange) });
  replyStatus(exchange.response, DONE, 201);
}
