// Standard base64 (RFC 4648 section 4) as the API decodes it: line breaks are skipped, everything else must be exact.

const ALPHABET = /^[A-Za-z0-9+/]$/;
const CLEAN = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text without line breaks, or where it goes wrong. */
export function checkBase64(text: string): { readonly text: string } | { readonly errorAt: number } {
  if (CLEAN.test(text)) return { text };
  const stripped = text.replace(/[\r\n]/g, "");
  if (stripped !== text && CLEAN.test(stripped)) return { text: stripped };
  return { errorAt: firstError(text) };
}

/** The offset the original reports: of the first character that cannot be, or of an incomplete last group. */
function firstError(text: string): number {
  let inGroup = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === "\r" || character === "\n") continue;
    if (ALPHABET.test(character)) {
      inGroup = (inGroup + 1) % 4;
      continue;
    }
    if (character !== "=" || inGroup < 2) return i;
    return paddingError(text, i, inGroup);
  }
  return text.length - inGroup;
}

function paddingError(text: string, at: number, inGroup: number): number {
  let i = at + 1;
  const skip = () => {
    while (text[i] === "\n" || text[i] === "\r") i++;
  };
  skip();
  if (inGroup === 2) {
    if (i >= text.length) return text.length;
    if (text[i] !== "=") return i - 1;
    i++;
    skip();
  }
  return Math.min(i, text.length);
}
