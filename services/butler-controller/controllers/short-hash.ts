import { createHash } from "node:crypto";

/** Ten hexadecimal digits that tell texts apart in names: a collision by accident takes a million of them. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
