// When the controller renews its own serving certificate, and in which steps, so that no call fails on the way:
//
//   steady      one authority in the bundle, the leaf signed by it
//   announced   a new authority is in the bundle beside the old one; the leaf is still the old authority's, because API servers
//               may not have the new bundle yet
//   switched    the leaf is the new authority's; the old authority stays in the bundle, because a replica may not serve the new leaf yet
//   steady      the old authority goes
//
// The state lives in one Secret, written with compare-and-swap; whichever replica acts first, the others follow.

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;

export const AUTHORITY_LIFE_MS = 365 * DAY_MS;
export const LEAF_LIFE_MS = 90 * DAY_MS;
/** A leaf with less than this left is renewed. */
export const LEAF_RENEW_BEFORE_MS = 30 * DAY_MS;
/** An authority with less than this left is replaced: more than a leaf lives, so that no leaf outlives its authority. */
export const AUTHORITY_RENEW_BEFORE_MS = LEAF_LIFE_MS + 10 * DAY_MS;
/** How long bundle and leaf have to spread before the next step. */
export const SPREAD_MS = HOUR_MS;

/** What the Secret says. Times in milliseconds since 1970. */
export interface CertificateState {
  readonly authority: { readonly notBefore: number; readonly notAfter: number };
  /** An authority that is announced, or one that is on its way out. */
  readonly other: { readonly role: "next" | "previous"; readonly since: number } | undefined;
  readonly leaf: { readonly notBefore: number; readonly notAfter: number };
  /** Whether the names in the leaf are those that are served. */
  readonly namesMatch: boolean;
}

export type CertificateStep =
  | { readonly step: "keep"; readonly nextLookMs: number }
  /** Nothing usable is there. */
  | { readonly step: "create" }
  /** A new leaf from the same authority. */
  | { readonly step: "renew-leaf" }
  /** A new authority joins the bundle. */
  | { readonly step: "announce-authority" }
  /** The announced authority signs a new leaf. */
  | { readonly step: "switch-authority" }
  /** The authority that signs nothing any more leaves the bundle. */
  | { readonly step: "drop-authority" };

/** The next step, or when to look again. Pure. */
export function decideCertificates(state: CertificateState | undefined, now: number): CertificateStep {
  if (state === undefined) return { step: "create" };
  const { authority, leaf, other } = state;
  // Signed by an authority that is over, nothing can be handed over gently.
  if (authority.notAfter <= now || authority.notBefore > now + HOUR_MS) return { step: "create" };
  if (other?.role === "next" && now - other.since >= SPREAD_MS) return { step: "switch-authority" };
  if (leaf.notAfter - now < LEAF_RENEW_BEFORE_MS || leaf.notBefore > now || !state.namesMatch)
    return { step: "renew-leaf" };
  if (other?.role === "previous" && now - other.since >= SPREAD_MS) return { step: "drop-authority" };
  if (other === undefined && authority.notAfter - now < AUTHORITY_RENEW_BEFORE_MS)
    return { step: "announce-authority" };
  const due = [
    leaf.notAfter - LEAF_RENEW_BEFORE_MS,
    authority.notAfter - AUTHORITY_RENEW_BEFORE_MS,
    ...(other === undefined ? [] : [other.since + SPREAD_MS]),
  ];
  return {
    step: "keep",
    nextLookMs: Math.max(1000, Math.min(DAY_MS, ...due.map((at) => at - now).filter((ms) => ms > 0))),
  };
}
