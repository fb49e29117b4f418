import type { ResourceRegistry } from "../resources/resource-registry.ts";
import type { Route } from "./handler.ts";
import { replyText } from "./reply.ts";

/**
 * What nothing serves: plain text for paths of no group or of custom resources; what is missing in a built-in group is
 * left to the Status that answers everything else.
 */
export function createNotFoundRoute(registry: ResourceRegistry): Route {
  return ({ info, response }) => {
    const group = info.isResource ? info.group : (/^\/apis\/([^/]+)/.exec(info.path)?.[1] ?? undefined);
    const isCore = info.isResource && info.group === "" && info.version === "v1";
    if (isCore) return false;
    if (group !== undefined && group !== "" && isBuiltin(registry, group)) return false;
    replyText(response, 404, "404 page not found\n");
    return true;
  };
}

function isBuiltin(registry: ResourceRegistry, group: string): boolean {
  for (const types of registry.groups().get(group)?.values() ?? []) {
    if (types.some((type) => type.definition === undefined)) return true;
  }
  return false;
}
