import type { Json } from "@holdfast/apimachinery/meta/types";

const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * A short name for a pod template: equal for equal templates whatever the order of their members, safe in names and labels.
 *
 * @param collisions - changes the outcome when the name is taken by another template
 */
export function templateHash(template: unknown, collisions = 0): string {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(canonical(template as Json) + (collisions === 0 ? "" : `#${collisions}`))) {
    hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  }
  // No vowels, so that no words come out.
  return [...String(hash)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join("");
}

/** JSON with sorted members. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
