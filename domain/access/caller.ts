/** Who makes a request, as the API server says it (authentication.k8s.io/v1 UserInfo). */
export interface Caller {
  /** For people of Butler their e-mail address. */
  readonly username: string;
  readonly groups: readonly string[];
  /** Name of the IdentityProvider the groups come from; absent where the API server does not know. */
  readonly identityProvider?: string;
}

/** The group butler-server puts on every person it impersonates. Its role may update Teams, so it proves nothing about the person. */
export const SERVER_CALLERS_GROUP = "butler-api-users";

/**
 * Whether two e-mail addresses are the same but for upper and lower case.
 *
 * A letter outside of ASCII never folds into one inside of it: the Kelvin sign is not a `k`, so that nobody can pass for somebody else.
 */
export function sameEmail(a: string, b: string): boolean {
  return fold(a) === fold(b);
}

/** The form of an e-mail address that is equal for equal addresses; for keys of maps and counts. */
export function fold(text: string): string {
  let out = "";
  for (const character of text) {
    const lower = character.toLowerCase();
    const crosses = character.charCodeAt(0) > 127 && hasAscii(lower);
    out += crosses ? character : lower;
  }
  return out;
}

function hasAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 128) return true;
  return false;
}
