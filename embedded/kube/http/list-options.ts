import { type FieldError, forbidden, notSupported } from "@holdfast/apimachinery/meta/field-error";
import { badRequest, invalidObject } from "@holdfast/apimachinery/meta/status-error";
import type { ListInput } from "../operations/read.ts";
import { parseSelection } from "../operations/selection.ts";
import type { ResourceType } from "../resources/resource-type.ts";

const NUMBER_RULE = "strconv.ParseUint: parsing";

/** Why a text is no resourceVersion, in the words of the original; undefined when it is one. */
export function versionProblem(version: string): string | undefined {
  if (version === "" || /^\d{1,16}$/.test(version)) return undefined;
  const quoted = JSON.stringify(version);
  return `resourceVersion: Invalid value: ${quoted}: ${NUMBER_RULE} ${quoted}: invalid syntax`;
}

/** Reads what a list is asked for. @throws StatusError 400 for values, 422 for combinations that the API forbids */
export function listInput(query: URLSearchParams, type: ResourceType, namespace: string): ListInput {
  const version = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const limit = query.get("limit") ?? "";
  const continueToken = query.get("continue") ?? "";
  if (limit !== "" && !/^-?\d{1,18}$/.test(limit)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(limit)}: invalid syntax`);
  }
  checkListOptions(query);
  const problem = versionProblem(version);
  if (problem !== undefined) throw badRequest(`invalid resource version: ${problem}`);
  if (continueToken !== "" && version !== "" && version !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  return {
    type,
    namespace,
    selection: parseSelection(query, type),
    limit: Math.max(0, Number(limit)),
    continueToken,
    resourceVersion: version === "" ? undefined : Number(version),
    resourceVersionMatch: match as "",
  };
}

/** Refuses combinations of a list's options. */
function checkListOptions(query: URLSearchParams): void {
  const { version, match, continued } = optionsOf(query);
  const errors: FieldError[] = [];
  if (match !== "") {
    if (version === "") errors.push(forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`));
    if (continued) errors.push(forbidden(MATCH, `${MATCH} is forbidden when continue is provided`));
    if (match !== "Exact" && match !== "NotOlderThan")
      errors.push(notSupported(MATCH, match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && version === "0") {
      errors.push(forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`));
    }
  }
  if (query.has(INITIAL)) errors.push(forbidden(INITIAL, `${INITIAL} is forbidden for list`));
  refuse(errors);
}

/** Refuses combinations of a watch's options. @throws StatusError 422 */
export function checkWatchOptions(query: URLSearchParams): void {
  const { match, continued } = optionsOf(query);
  const errors: FieldError[] = [];
  if (query.has(INITIAL)) {
    if (match !== "NotOlderThan") errors.push(forbidden(MATCH, `${INITIAL} requires setting ${MATCH} to NotOlderThan`));
    if (continued) errors.push(forbidden(INITIAL, `${INITIAL} is forbidden together with continue`));
  }
  if (match !== "") {
    if (!query.has(INITIAL))
      errors.push(forbidden(MATCH, `${MATCH} is forbidden for watch unless ${INITIAL} is provided`));
    if (match !== "NotOlderThan") errors.push(notSupported(MATCH, match, ["NotOlderThan"]));
    if (continued) errors.push(forbidden(MATCH, `${MATCH} is forbidden when continue is provided`));
  }
  refuse(errors);
}

const MATCH = "resourceVersionMatch";
const INITIAL = "sendInitialEvents";

function optionsOf(query: URLSearchParams): { version: string; match: string; continued: boolean } {
  const version = query.get("resourceVersion") ?? "";
  return { version, match: query.get(MATCH) ?? "", continued: (query.get("continue") ?? "") !== "" };
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject({ group: "meta.k8s.io", resource: "ListOptions" }, "", errors);
}
