/** A field manager may have so many bytes of UTF-8. */
export const MAX_MANAGER_BYTES = 128;

/**
 * The field manager of a client that names none: what its User-Agent says before the first `/`, without characters that do
 * not print, cut at 128 bytes. `""` for a client without a name (its entries then say `unknown`).
 */
export function managerFromUserAgent(userAgent: string): string {
  const end = userAgent.indexOf("/");
  const prefix = end < 0 ? userAgent : userAgent.slice(0, end);
  let name = "";
  let bytes = 0;
  for (const character of prefix) {
    if (!PRINTS.test(character)) continue;
    bytes += utf8Length(character.codePointAt(0) as number);
    if (bytes > MAX_MANAGER_BYTES) break;
    name += character;
  }
  return name;
}

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the plain space. */
const PRINTS = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
