// Impersonation headers: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
import type { IncomingMessage } from "node:http";
import { goQuote } from "@holdfast/apimachinery/meta/field-error";
import { failure, forbiddenObject } from "@holdfast/apimachinery/meta/status-error";
import { dns1123Label, dns1123Subdomain } from "@holdfast/apimachinery/schema/name-rules";
import type { Authorizer, UserInfo } from "./user.ts";

/**
 * The user a request acts as. Each part (user, groups, extra, uid) needs the right to impersonate it.
 *
 * @throws StatusError 403 without the right, 500 for what {@link impersonationProblem} names
 */
export function impersonate(request: IncomingMessage, real: UserInfo, authorizer: Authorizer): UserInfo {
  const wanted = readHeaders(request.rawHeaders);
  if (wanted === undefined) return real;
  const problem = problemOf(wanted);
  if (problem !== undefined) throw failure("InternalError", problem, { status: {} });
  if (wanted.username === "") return real;
  const account = splitAccount(wanted.username);
  const demand = (
    resource: string,
    name: string,
    more: { group?: string; namespace?: string; subresource?: string } = {},
  ) => demandRight(authorizer, real, { group: "", namespace: "", subresource: "", ...more, resource, name });
  if (account === undefined) demand("users", wanted.username);
  else demand("serviceaccounts", account.name, { namespace: account.namespace });
  for (const group of wanted.groups) demand("groups", group);
  for (const [key, values] of wanted.extra) {
    for (const value of values) demand("userextras", value, { group: "authentication.k8s.io", subresource: key });
  }
  if (wanted.uid !== "") demand("uids", wanted.uid, { group: "authentication.k8s.io" });
  return {
    username: wanted.username,
    ...(wanted.uid === "" ? {} : { uid: wanted.uid }),
    groups: completeGroups(wanted, account?.namespace),
    ...(wanted.extra.size === 0 ? {} : { extra: toExtra(wanted.extra) }),
  };
}

/**
 * Why the headers cannot be obeyed: the plain text of the original's 500, to be sent as it is. Undefined when they can.
 *
 * @param uri - path and query as sent
 */
export function impersonationProblem(rawHeaders: readonly string[], uri: string): string | undefined {
  const wanted = readHeaders(rawHeaders);
  const problem = wanted === undefined ? undefined : problemOf(wanted);
  if (problem === undefined) return undefined;
  const text = `Internal Server Error: ${goQuote(uri)}: ${problem}`;
  return `${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}\n`;
}

interface Wanted {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

const EXTRA_PREFIX = "impersonate-extra-";

function readHeaders(raw: readonly string[]): Wanted | undefined {
  let username: string | undefined;
  let uid: string | undefined;
  const groups: string[] = [];
  const extra = new Map<string, string[]>();
  let any = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (!name.startsWith("impersonate-")) continue;
    const value = raw[i + 1] as string;
    any = true;
    if (name === "impersonate-user") username ??= value;
    else if (name === "impersonate-uid") uid ??= value;
    else if (name === "impersonate-group") groups.push(value);
    else if (name.startsWith(EXTRA_PREFIX)) {
      const key = decodeKey(name.slice(EXTRA_PREFIX.length));
      extra.set(key, [...(extra.get(key) ?? []), value]);
    }
  }
  return any ? { username: username ?? "", uid: uid ?? "", groups, extra } : undefined;
}

/** Groups, extras or a uid need a user. The text lists what was asked for as the original prints its object references. */
function problemOf({ username, uid, groups, extra }: Wanted): string | undefined {
  if (username !== "" || (groups.length === 0 && extra.size === 0 && uid === "")) return undefined;
  const shown = groups.map((group) => `{Group  ${group}    }`);
  for (const [key, values] of extra)
    for (const value of values) shown.push(`{UserExtra  ${value}  authentication.k8s.io/v1  ${key}}`);
  if (uid !== "") shown.push(`{UID  ${uid}  authentication.k8s.io/v1  }`);
  return `requested [${shown.join(" ")}] without impersonating a user`;
}

function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Undefined for a user that is no well-formed ServiceAccount. */
function splitAccount(username: string): { namespace: string; name: string } | undefined {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username);
  if (match === null) return undefined;
  const [, namespace = "", name = ""] = match;
  if (dns1123Label(namespace).length > 0 || dns1123Subdomain(name).length > 0) return undefined;
  return { namespace, name };
}

function completeGroups({ username, groups }: Wanted, accountNamespace: string | undefined): string[] {
  const out = [...groups];
  if (accountNamespace !== undefined && out.length === 0) {
    out.push("system:serviceaccounts", `system:serviceaccounts:${accountNamespace}`);
  }
  if (username === "system:anonymous") {
    if (!out.includes("system:unauthenticated")) out.push("system:unauthenticated");
  } else if (!out.includes("system:authenticated") && !out.includes("system:unauthenticated")) {
    out.push("system:authenticated");
  }
  return out;
}

function toExtra(extra: ReadonlyMap<string, readonly string[]>): Record<string, readonly string[]> {
  const out = Object.create(null) as Record<string, readonly string[]>;
  for (const [key, values] of extra) out[key] = values;
  return out;
}

interface Target {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

function demandRight(authorizer: Authorizer, real: UserInfo, target: Target): void {
  const { group, resource, subresource, namespace, name } = target;
  const decision = authorizer.authorize({ user: real, verb: "impersonate", version: "v1", ...target });
  if (decision.allowed) return;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${goQuote(namespace)}`;
  const because = decision.reason === "" ? "" : `: ${decision.reason}`;
  throw forbiddenObject(
    { group, resource },
    name,
    `User ${goQuote(real.username)} cannot impersonate resource ${goQuote(what)} in API group ${goQuote(group)} ${where}${because}`,
  );
}
