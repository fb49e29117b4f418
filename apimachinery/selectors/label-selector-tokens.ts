export type TokenKind =
  | "("
  | ")"
  | ","
  | "!"
  | "=="
  | "="
  | ">"
  | "<"
  | "!="
  | "in"
  | "notin"
  | "word"
  | "error"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** `""` at the end of the text. */
  readonly text: string;
}

const SPACE = " \t\r\n";
const SYMBOLS = "=!(),><";
/** A NUL ends the text, as it does in the original. */
const END = "\u0000";

/** Splits the text of a label selector. The last token is the end. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && SPACE.includes(text[at] as string)) at++;
    if (at >= text.length || text[at] === END) break;
    const token = SYMBOLS.includes(text[at] as string) ? symbolAt(text, at) : wordAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

function symbolAt(text: string, at: number): Token {
  const two = text.slice(at, at + 2);
  if (two === "==" || two === "!=") return { kind: two, text: two };
  const one = text[at] as TokenKind;
  return { kind: one, text: one };
}

function wordAt(text: string, at: number): Token {
  let end = at;
  while (end < text.length) {
    const c = text[end] as string;
    if (c === END || SPACE.includes(c) || SYMBOLS.includes(c)) break;
    end++;
  }
  const word = text.slice(at, end);
  return { kind: word === "in" || word === "notin" ? word : "word", text: word };
}
