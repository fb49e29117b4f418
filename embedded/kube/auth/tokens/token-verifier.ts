import { createHash } from "node:crypto";
import { storeKey } from "../../resources/resource-type.ts";
import type { Store } from "../../store/object-store.ts";
import type { Stored } from "../../store/stored.ts";
import { quotedList } from "../rbac/rule-coverage.ts";
import type { UserInfo } from "../user.ts";
import { type Es256Key, parseCompactToken } from "./es256-key.ts";
import { accountUser, decodeClaims, type ObjectRef, type TokenClaims } from "./token-claims.ts";

export interface VerifierParts {
  readonly store: Store;
  readonly key: Es256Key;
  readonly issuer: string;
  /** Audiences of the server itself: what a token is judged for when nobody says otherwise. */
  readonly audiences: readonly string[];
  /** Milliseconds since 1970. */
  now(): number;
}

/** `refused` without a `problem` is a token of somebody else. */
export type Verdict =
  | { readonly type: "accepted"; readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly type: "refused"; readonly problem?: string };

/** Clocks may differ by this much. */
const LEEWAY_SECONDS = 60;
/** Tokens whose signature need not be checked again. */
const REMEMBERED = 1024;

/**
 * Judges ServiceAccount tokens of this server's issuer.
 *
 * A signature is checked once for each token; times and the objects that a token stands for are looked at every time, so a token
 * ends the moment its account, pod, secret or node is gone.
 */
export class TokenVerifier {
  readonly #parts: VerifierParts;
  readonly #verified = new Map<string, TokenClaims>();

  constructor(parts: VerifierParts) {
    this.#parts = parts;
  }

  /** @param wanted - the token must be for one of these audiences */
  judge(token: string, wanted: readonly string[] = this.#parts.audiences): Verdict {
    const claims = this.#claimsOf(token);
    if ("type" in claims) return claims;
    const audiences = wanted.filter((a) => claims.audiences.includes(a));
    if (audiences.length === 0) {
      return refused(
        `token audiences ${quotedList(claims.audiences)} is invalid for the target audiences ${quotedList(wanted)}`,
      );
    }
    const problem = this.#timeProblem(claims) ?? this.#objectProblem(claims);
    return problem === undefined ? { type: "accepted", user: accountUser(claims), audiences } : refused(problem);
  }

  #claimsOf(token: string): TokenClaims | Verdict {
    const digest = createHash("sha256").update(token).digest("base64");
    const known = this.#verified.get(digest);
    if (known !== undefined) return known;
    const parsed = parseCompactToken(token);
    if (parsed === undefined || parsed.payload["iss"] !== this.#parts.issuer) return { type: "refused" };
    if (!this.#parts.key.verify(parsed)) return { type: "refused" };
    const claims = decodeClaims(parsed.payload);
    if (claims === undefined)
      return refused("service account token claims could not be validated due to unexpected validation error");
    if (this.#verified.size >= REMEMBERED) this.#verified.delete(this.#verified.keys().next().value as string);
    this.#verified.set(digest, claims);
    return claims;
  }

  #timeProblem(claims: TokenClaims): string | undefined {
    const now = Math.floor(this.#parts.now() / 1000);
    if (now + LEEWAY_SECONDS < claims.notBefore) return "service account token is not valid yet";
    if (now - LEEWAY_SECONDS > claims.expires) return "service account token has expired";
    if (now + LEEWAY_SECONDS < claims.issuedAt) return "service account token is issued in the future";
    return undefined;
  }

  #objectProblem({ namespace, account, pod, secret, node }: TokenClaims): string | undefined {
    const found = this.#find("serviceaccounts", namespace, account.name);
    if (found === undefined) return `serviceaccounts "${account.name}" not found`;
    const { uid } = found.object.metadata;
    if (uid !== account.uid) return `service account UID (${uid}) does not match claim (${account.uid})`;
    if (this.#isGone(found)) return `service account ${namespace}/${account.name} has been deleted`;
    if (secret !== undefined) {
      const problem = this.#boundProblem(this.#find("secrets", namespace, secret.name), secret, "secret");
      if (problem !== undefined) return problem;
    }
    if (pod !== undefined) return this.#boundProblem(this.#find("pods", namespace, pod.name), pod, "pod");
    // The node of a pod-bound token only tells where the pod runs.
    if (node !== undefined) return this.#boundProblem(this.#find("nodes", "", node.name), node, "node");
    return undefined;
  }

  #boundProblem(found: Stored | undefined, ref: ObjectRef, what: "secret" | "pod" | "node"): string | undefined {
    if (found === undefined) return "service account token has been invalidated";
    const { uid } = found.object.metadata;
    if (uid !== ref.uid) {
      return `${what} UID (${uid}) does not match service account ${what} ref claim (${ref.uid ?? ""})`;
    }
    return this.#isGone(found) ? "service account token has been invalidated" : undefined;
  }

  #find(bucket: string, namespace: string, name: string): Stored | undefined {
    return this.#parts.store.bucket(bucket).get(storeKey(namespace, name));
  }

  /** On its way out for longer than the leeway. */
  #isGone({ object }: Stored): boolean {
    const { deletionTimestamp } = object.metadata;
    return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < this.#parts.now() - LEEWAY_SECONDS * 1000;
  }
}

function refused(problem: string): Verdict {
  return { type: "refused", problem };
}
