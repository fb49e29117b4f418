// What a ServiceAccount token says.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#schema-for-service-account-private-claims
import { isRecord } from "../rbac/policy-rule.ts";
import type { UserInfo } from "../user.ts";

/** An object by name and uid. The uid is missing for a node that was not there when the token was made. */
export interface ObjectRef {
  readonly name: string;
  readonly uid?: string;
}

export interface TokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  /** All times in seconds since 1970. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expires: number;
  /** `jti`; older tokens have none. */
  readonly id?: string;
  readonly namespace: string;
  readonly account: ObjectRef;
  readonly pod?: ObjectRef;
  readonly secret?: ObjectRef;
  readonly node?: ObjectRef;
  /** From here on the token is used longer than was asked for. */
  readonly warnAfter?: number;
}

export function encodeClaims(claims: TokenClaims): object {
  return {
    aud: claims.audiences,
    exp: claims.expires,
    iat: claims.issuedAt,
    iss: claims.issuer,
    ...(claims.id === undefined ? {} : { jti: claims.id }),
    "kubernetes.io": {
      namespace: claims.namespace,
      ...(claims.node === undefined ? {} : { node: claims.node }),
      ...(claims.pod === undefined ? {} : { pod: claims.pod }),
      ...(claims.secret === undefined ? {} : { secret: claims.secret }),
      serviceaccount: claims.account,
      ...(claims.warnAfter === undefined ? {} : { warnafter: claims.warnAfter }),
    },
    nbf: claims.notBefore,
    sub: claims.subject,
  };
}

/** Undefined when the payload is not of the form of {@link encodeClaims}. */
export function decodeClaims(payload: Readonly<Record<string, unknown>>): TokenClaims | undefined {
  const own = payload["kubernetes.io"];
  const { iss, sub, iat, nbf, exp, jti } = payload;
  const audiences = typeof payload["aud"] === "string" ? [payload["aud"]] : payload["aud"];
  if (typeof iss !== "string" || typeof sub !== "string" || !isRecord(own) || !isStrings(audiences)) return undefined;
  if (!isSeconds(iat) || !isSeconds(nbf) || !isSeconds(exp)) return undefined;
  const account = readRef(own["serviceaccount"]);
  if (typeof own["namespace"] !== "string" || account?.uid === undefined) return undefined;
  const bound: { pod?: ObjectRef; secret?: ObjectRef; node?: ObjectRef } = {};
  for (const key of ["pod", "secret", "node"] as const) {
    if (own[key] === undefined) continue;
    const ref = readRef(own[key]);
    if (ref === undefined) return undefined;
    bound[key] = ref;
  }
  return {
    issuer: iss,
    subject: sub,
    audiences,
    issuedAt: iat,
    notBefore: nbf,
    expires: exp,
    ...(typeof jti === "string" ? { id: jti } : {}),
    namespace: own["namespace"],
    account,
    ...bound,
    ...(isSeconds(own["warnafter"]) ? { warnAfter: own["warnafter"] } : {}),
  };
}

function readRef(value: unknown): ObjectRef | undefined {
  if (!isRecord(value) || typeof value["name"] !== "string") return undefined;
  return { name: value["name"], ...(typeof value["uid"] === "string" ? { uid: value["uid"] } : {}) };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((v) => typeof v === "string");
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** `system:serviceaccount:NAMESPACE:NAME` */
export function accountUsername(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

const EXTRA = "authentication.kubernetes.io/";

/** Who the bearer is. */
export function accountUser(claims: TokenClaims): UserInfo {
  const { namespace, account, pod, node, id } = claims;
  const extra: Record<string, readonly string[]> = {};
  if (id !== undefined && id !== "") extra[`${EXTRA}credential-id`] = [`JTI=${id}`];
  if (node !== undefined) {
    extra[`${EXTRA}node-name`] = [node.name];
    if (node.uid !== undefined && node.uid !== "") extra[`${EXTRA}node-uid`] = [node.uid];
  }
  if (pod?.uid !== undefined) {
    extra[`${EXTRA}pod-name`] = [pod.name];
    extra[`${EXTRA}pod-uid`] = [pod.uid];
  }
  return {
    username: accountUsername(namespace, account.name),
    ...(account.uid === undefined ? {} : { uid: account.uid }),
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
