import { failure, type StatusCause, type StatusError } from "../meta/status-error.ts";
import { pathsOf } from "./field-set.ts";
import type { ManagerState, Managers } from "./managers.ts";
import type { Conflicts } from "./ownership.ts";
import type { FieldNode } from "./sets/field-node.ts";
import { compareText, pathText } from "./sets/path-element.ts";

/**
 * 409 of an apply: which field is whose. Causes come by manager and path.
 *
 * @param managers - as they were when the conflicts were found
 */
export function conflictError(conflicts: Conflicts, managers: Managers): StatusError {
  const ids = [...conflicts.keys()].sort(compareText);
  const causes: StatusCause[] = [];
  const lines: string[] = [];
  for (const id of ids) {
    const who = managerText(managers.get(id) as ManagerState);
    lines.push(`conflicts with ${who}:`);
    for (const path of pathsOf(conflicts.get(id) as FieldNode)) {
      const field = pathText(path);
      lines.push(`- ${field}`);
      causes.push({ reason: "FieldManagerConflict", message: `conflict with ${who}`, field });
    }
  }
  const [only] = causes;
  const message =
    causes.length === 1 && only !== undefined
      ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
      : `Apply failed with ${causes.length} conflicts: ${lines.join("\n")}`;
  return failure("Conflict", message, { status: { causes } });
}

/** `"anna"`, `"editor" using v1`, `"scaler" with subresource "scale" using autoscaling/v1` */
function managerText(state: ManagerState): string {
  const part = state.subresource === "" ? "" : ` with subresource ${JSON.stringify(state.subresource)}`;
  const version = state.operation === "Update" ? ` using ${state.apiVersion}` : "";
  return `${JSON.stringify(state.manager)}${part}${version}`;
}
