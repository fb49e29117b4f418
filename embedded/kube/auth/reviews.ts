import type { SubresourceRoutes } from "../http/resource-route.ts";
export function reviewRoutes(_kube: unknown, _t: unknown): SubresourceRoutes { return new Map(); }
