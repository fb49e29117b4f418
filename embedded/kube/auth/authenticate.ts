import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { ANONYMOUS, type UserInfo } from "./user.ts";

/** Who sent a request. */
export interface Authenticator {
  /** Undefined when credentials were sent that nobody accepts (401); anonymous when none were sent. */
  authenticate(request: IncomingMessage): Promise<UserInfo | undefined>;
}

/** Judges a bearer token; undefined when it is none of its own. */
export type TokenAuthenticator = (token: string) => Promise<UserInfo | undefined> | UserInfo | undefined;

/** Client certificate first, then bearer tokens, then anonymous: the order of kube-apiserver. */
export function createAuthenticator(tokens: readonly TokenAuthenticator[]): Authenticator {
  return {
    async authenticate(request) {
      const byCertificate = certificateUser(request.socket as TLSSocket);
      if (byCertificate !== undefined) return byCertificate;
      const token = bearerToken(request);
      if (token === undefined) return ANONYMOUS;
      for (const authenticate of tokens) {
        const user = await authenticate(token);
        if (user !== undefined) return withAuthenticatedGroup(user);
      }
      return undefined;
    },
  };
}

/** Who proved to be somebody is in `system:authenticated`. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.groups.includes("system:authenticated") || user.groups.includes("system:unauthenticated")) return user;
  return { ...user, groups: [...user.groups, "system:authenticated"] };
}

/** The token of an Authorization header; a websocket may carry it as a subprotocol, since browsers cannot set headers. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) {
    // The original takes what stands between the first two spaces; an empty one is no credential at all.
    const [scheme = "", token = ""] = header.trim().split(" ", 2);
    if (scheme.toLowerCase() === "bearer" && token !== "") return token;
  }
  for (const protocol of String(request.headers["sec-websocket-protocol"] ?? "").split(",")) {
    const match = /^base64url\.bearer\.authorization\.k8s\.io\.([\w-]+)$/.exec(protocol.trim());
    if (match) return Buffer.from(match[1] as string, "base64url").toString("utf8");
  }
  return undefined;
}

const certificateUsers = new WeakMap<TLSSocket, UserInfo | "none">();

function certificateUser(socket: TLSSocket): UserInfo | undefined {
  const known = certificateUsers.get(socket);
  if (known !== undefined) return known === "none" ? undefined : known;
  const user = readCertificate(socket);
  certificateUsers.set(socket, user ?? "none");
  return user;
}

/** Common name is the user, organizations are the groups. Only certificates that verify against the client CA get here. */
function readCertificate(socket: TLSSocket): UserInfo | undefined {
  if (socket.authorized !== true || typeof socket.getPeerCertificate !== "function") return undefined;
  const { subject } = socket.getPeerCertificate();
  if (subject === undefined || subject.CN === undefined) return undefined;
  const name: unknown = subject.CN;
  const organization: unknown = subject.O;
  const groups =
    organization === undefined ? [] : Array.isArray(organization) ? organization.map(String) : [String(organization)];
  return {
    username: Array.isArray(name) ? String(name[0]) : String(name),
    groups: [...groups, "system:authenticated"],
  };
}

/**
 * The static token file of kube-apiserver: `token,user,uid,"group1,group2"` a line, groups optional.
 *
 * Tokens are compared by digest in constant time.
 *
 * @throws TypeError naming the line (never the token) when it has fewer than three columns
 */
export function staticTokens(text: string): TokenAuthenticator {
  const entries = text
    .split("\n")
    .map((line, i) => [line.trim(), i + 1] as const)
    .filter(([line]) => line !== "" && !line.startsWith("#"))
    .map(([line, number]) => {
      const [token, username, uid, groups] = csvColumns(line);
      if (token === undefined || token === "" || username === undefined || username === "" || uid === undefined) {
        throw new TypeError(
          `Cannot read the token file: line ${number} needs token,user,uid and optionally "group1,group2"`,
        );
      }
      const user: UserInfo = {
        username,
        ...(uid === "" ? {} : { uid }),
        groups: (groups ?? "")
          .split(",")
          .map((g) => g.trim())
          .filter((g) => g !== ""),
      };
      return { digest: digestOf(token), user };
    });
  return (token) => {
    const digest = digestOf(token);
    let found: UserInfo | undefined;
    for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) found ??= entry.user;
    return found;
  };
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function csvColumns(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) =>
    (m[1] ?? m[2] ?? "").replaceAll('""', '"').trim(),
  );
}
