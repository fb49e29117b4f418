import type { KubeContext } from "../operations/kube-context.ts";
import type { SubresourceRoutes } from "./resource-route.ts";

/** Endpoints of single resources that are not the generic status and scale. */
export function subresourceRoutes(_kube: KubeContext): SubresourceRoutes {
  return new Map();
}
