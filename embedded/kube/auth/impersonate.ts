// Impersonation headers: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
import type { IncomingMessage } from "node:http";
import { failure, forbiddenObject } from "@holdfast/apimachinery/meta/status-error";
import type { Authorizer, UserInfo } from "./user.ts";

/**
 * The user a request acts as. Each part (user, uid, groups, extra) needs the right to impersonate it.
 *
 * @throws StatusError 403 without the right, 500 for groups or extras without a user
 */
export function impersonate(request: IncomingMessage, real: UserInfo, authorizer: Authorizer): UserInfo {
  const wanted = readHeaders(request);
  if (wanted === undefined) return real;
  if (wanted.username === "") {
    throw failure("InternalError", "Internal error occurred: requested groups, uid or extras without impersonating a user", { status: {} });
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(wanted.username);
  if (account) demand(authorizer, real, "", "serviceaccounts", account[2] as string, account[1] as string);
  else demand(authorizer, real, "", "users", wanted.username);
  for (const group of wanted.groups) demand(authorizer, real, "", "groups", group);
  if (wanted.uid !== undefined) demand(authorizer, real, "authentication.k8s.io", "uids", wanted.uid);
  for (const [key, values] of Object.entries(wanted.extra)) {
    for (const value of values) demand(authorizer, real, "authentication.k8s.io", "userextras", value, "", key);
  }
  const groups = [...wanted.groups];
  if (account && groups.length === 0) groups.push("system:serviceaccounts", `system:serviceaccounts:${account[1]}`);
  if (wanted.username === "system:anonymous") {
    if (!groups.includes("system:unauthenticated")) groups.push("system:unauthenticated");
  } else if (!groups.includes("system:authenticated")) groups.push("system:authenticated");
  return {
    username: wanted.username,
    ...(wanted.uid === undefined ? {} : { uid: wanted.uid }),
    groups,
    ...(Object.keys(wanted.extra).length === 0 ? {} : { extra: wanted.extra }),
  };
}

interface Wanted {
  readonly username: string;
  readonly uid: string | undefined;
  readonly groups: string[];
  readonly extra: Record<string, string[]>;
}

function readHeaders(request: IncomingMessage): Wanted | undefined {
  const raw = request.rawHeaders;
  let username = "";
  let uid: string | undefined;
  const groups: string[] = [];
  const extra: Record<string, string[]> = {};
  let any = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (!name.startsWith("impersonate-")) continue;
    const value = raw[i + 1] as string;
    any = true;
    if (name === "impersonate-user") username = value;
    else if (name === "impersonate-uid") uid = value;
    else if (name === "impersonate-group") groups.push(value);
    else if (name.startsWith("impersonate-extra-")) {
      const key = decodeKey(name.slice("impersonate-extra-".length));
      extra[key] = [...(Object.hasOwn(extra, key) ? (extra[key] as string[]) : []), value];
    }
  }
  return any ? { username, uid, groups, extra } : undefined;
}

function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function demand(authorizer: Authorizer, real: UserInfo, group: string, resource: string, name: string, namespace = "", subresource = ""): void {
  const decision = authorizer.authorize({
    user: real,
    verb: "impersonate",
    group,
    version: group === "" ? "v1" : "v1",
    resource,
    subresource,
    namespace,
    name,
  });
  if (decision.allowed) return;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? " at the cluster scope" : ` in the namespace ${JSON.stringify(namespace)}`;
  throw forbiddenObject(
    { group, resource },
    name,
    `User ${JSON.stringify(real.username)} cannot impersonate resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)}${where}`,
  );
}
