// Says what is wrong with malformed JSON in the words of Go's encoding/json. Runs only for bodies that do not parse.

const SPACE = " \t\r\n";
const UNEXPECTED_END = "unexpected end of JSON input";

/** Thrown inside with the finished text. */
class Malformed extends Error {}

/** What Go says of the text; it is known not to be valid JSON, or to be nested deeper than `maxDepth`. */
export function describeJsonError(text: string, maxDepth: number): string {
  try {
    new Scanner(text, maxDepth).scanAll();
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
  return UNEXPECTED_END;
}

type State = "value" | "firstKey" | "key" | "colon" | "afterMember" | "firstItem" | "afterItem";

/** Walks the text with an explicit stack of open objects and lists. */
class Scanner {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  scanAll(): void {
    const open: ("object" | "list")[] = [];
    let state: State | "end" = "value";
    while (state !== "end") {
      const character = this.#next();
      state = this.#step(state, character, open);
      if (open.length > this.#maxDepth) throw new Malformed("exceeded max depth");
    }
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("after top-level value");
  }

  #step(state: State, character: string, open: ("object" | "list")[]): State | "end" {
    switch (state) {
      case "firstKey":
        if (character === "}") return this.#close(open);
        return this.#key(character);
      case "key":
        return this.#key(character);
      case "colon":
        if (character !== ":") this.#fail("after object key");
        this.#at++;
        return "value";
      case "afterMember":
        if (character === "}") return this.#close(open);
        if (character !== ",") this.#fail("after object key:value pair");
        this.#at++;
        return "key";
      case "afterItem":
        if (character === "]") return this.#close(open);
        if (character !== ",") this.#fail("after array element");
        this.#at++;
        return "value";
      case "firstItem":
        if (character === "]") return this.#close(open);
        return this.#value(character, open);
      default:
        return this.#value(character, open);
    }
  }

  #key(character: string): State {
    if (character !== '"') this.#fail("looking for beginning of object key string");
    this.#string();
    return "colon";
  }

  #value(character: string, open: ("object" | "list")[]): State | "end" {
    if (character === "{" || character === "[") {
      this.#at++;
      open.push(character === "{" ? "object" : "list");
      return character === "{" ? "firstKey" : "firstItem";
    }
    if (character === '"') this.#string();
    else if (character === "-" || isDigit(character)) this.#number();
    else if (character === "t") this.#literal("true");
    else if (character === "f") this.#literal("false");
    else if (character === "n") this.#literal("null");
    else this.#fail("looking for beginning of value");
    return after(open);
  }

  #close(open: ("object" | "list")[]): State | "end" {
    this.#at++;
    open.pop();
    return after(open);
  }

  #literal(word: string): void {
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#peek() !== word[i]) this.#fail(`in literal ${word} (expecting '${word[i]}')`);
    }
    this.#at++;
  }

  #string(): void {
    for (;;) {
      this.#at++;
      const character = this.#peek();
      if (character === '"') break;
      if (character < " ") this.#fail("in string literal");
      if (character !== "\\") continue;
      this.#at++;
      const escaped = this.#peek();
      if (escaped === "u") this.#hexDigits();
      else if (!'bfnrt\\/"'.includes(escaped)) this.#fail("in string escape code");
    }
    this.#at++;
  }

  #hexDigits(): void {
    for (let i = 0; i < 4; i++) {
      this.#at++;
      if (!/[0-9a-fA-F]/.test(this.#peek())) this.#fail("in \\u hexadecimal character escape");
    }
  }

  #number(): void {
    if (this.#peek() === "-") {
      this.#at++;
      if (!isDigit(this.#peek())) this.#fail("in numeric literal");
    }
    if (this.#peek() === "0") this.#at++;
    else this.#digits();
    if (this.#text[this.#at] === ".") {
      this.#at++;
      if (!isDigit(this.#peek())) this.#fail("after decimal point in numeric literal");
      this.#digits();
    }
    if (this.#text[this.#at] === "e" || this.#text[this.#at] === "E") {
      this.#at++;
      if (this.#peek() === "+" || this.#peek() === "-") this.#at++;
      if (!isDigit(this.#peek())) this.#fail("in exponent of numeric literal");
      this.#digits();
    }
  }

  #digits(): void {
    while (this.#at < this.#text.length && isDigit(this.#text[this.#at] as string)) this.#at++;
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && SPACE.includes(this.#text[this.#at] as string)) this.#at++;
  }

  #next(): string {
    this.#skipSpace();
    return this.#peek();
  }

  #peek(): string {
    const character = this.#text[this.#at];
    if (character === undefined) throw new Malformed(UNEXPECTED_END);
    return character;
  }

  #fail(context: string): never {
    throw new Malformed(`invalid character ${quote(this.#peek())} ${context}`);
  }
}

function after(open: readonly ("object" | "list")[]): State | "end" {
  const inner = open[open.length - 1];
  if (inner === undefined) return "end";
  return inner === "object" ? "afterMember" : "afterItem";
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

/** Go looks at bytes, so of a longer character it shows the first byte. */
function quote(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  const code = character.charCodeAt(0);
  if (code >= 0x80) {
    const lead = code < 0x800 ? 0xc0 | (code >> 6) : code >= 0xd800 && code < 0xe000 ? 0xf0 : 0xe0 | (code >> 12);
    return `'${String.fromCharCode(lead)}'`;
  }
  if (code < 0x20 || code === 0x7f) {
    const short = { 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r" }[code];
    return `'${short ?? `\\x${code.toString(16).padStart(2, "0")}`}'`;
  }
  return character === "\\" ? "'\\\\'" : `'${character}'`;
}
