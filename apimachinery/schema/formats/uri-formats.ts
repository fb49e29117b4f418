// URIs, host names and mail addresses as Go's net/url, strfmt and net/mail judge them.

import { byteLength } from "../name-rules.ts";

const SYMBOL_OR_LETTER = "a-zA-Z0-9\\p{S}\\p{L}";
const HOSTNAME = new RegExp(
  `^(?:[${SYMBOL_OR_LETTER}](?:-?[${SYMBOL_OR_LETTER}]{0,62})?|(?:[${SYMBOL_OR_LETTER}](?:[${SYMBOL_OR_LETTER}-]{0,61}[${SYMBOL_OR_LETTER}])?\\.)+[a-zA-Z\\p{L}]{2,63})$`,
  "u",
);

/** A host name in labels of at most 63 bytes, 255 in all. A name of several labels ends in letters. */
export function isHostname(value: string): boolean {
  if (value.length > 255 || byteLength(value) > 255 || !HOSTNAME.test(value)) return false;
  return value.split(".").every((label) => byteLength(label) <= 63);
}

/** What stands in the first line of an HTTP request: an absolute URI or an absolute path. */
export function isRequestUri(value: string): boolean {
  if (value === "" || hasControl(value)) return false;
  if (value === "*") return true;
  const scheme = schemeOf(value);
  if (scheme === undefined) return false;
  let rest = scheme === "" ? value : value.slice(scheme.length + 1);
  const query = rest.indexOf("?");
  if (query >= 0) rest = rest.slice(0, query);
  if (!rest.startsWith("/")) return scheme !== "";
  if (rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"))) {
    const end = rest.indexOf("/", 2);
    if (!isAuthority(end < 0 ? rest.slice(2) : rest.slice(2, end))) return false;
    rest = end < 0 ? "" : rest.slice(end);
  }
  return hasValidEscapes(rest);
}

/** The scheme before the first colon, `""` without one, undefined if the URI begins with the colon. */
function schemeOf(value: string): string | undefined {
  for (let i = 0; i < value.length; i++) {
    const character = value[i] as string;
    if (/[a-zA-Z]/.test(character)) continue;
    if (character === ":") return i === 0 ? undefined : value.slice(0, i);
    if (i === 0 || !/[0-9+.-]/.test(character)) return "";
  }
  return "";
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    const user = authority.slice(0, at);
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) || !hasValidEscapes(user)) return false;
  }
  const host = authority.slice(at + 1);
  if (host.startsWith("[")) return isBracketedHost(host);
  const colon = host.lastIndexOf(":");
  if (colon >= 0 && (!/^:[0-9]*$/.test(host.slice(colon)) || host.indexOf(":") !== colon)) return false;
  return isHostText(host);
}

function isBracketedHost(host: string): boolean {
  const close = host.lastIndexOf("]");
  if (close < 0 || !/^(?::[0-9]*)?$/.test(host.slice(close + 1))) return false;
  const zone = host.indexOf("%25");
  const address = zone >= 0 && zone < close ? host.slice(1, zone) : host.slice(1, close);
  return address.length <= 45 && /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(address) && isIpv6Literal(address);
}

function isIpv6Literal(address: string): boolean {
  try {
    new URL(`http://[${address}]/`);
    return true;
  } catch {
    return false;
  }
}

/** Escapes in hosts stand for bytes outside of ASCII only; other characters are taken as they are or refused. */
function isHostText(host: string): boolean {
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    if (code === 0x25) {
      if (!/^%[89a-fA-F][0-9a-fA-F]$/.test(host.slice(i, i + 3))) return false;
      i += 2;
    } else if (code < 0x80 && !/[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]/.test(host[i] as string)) return false;
  }
  return true;
}

function hasValidEscapes(text: string): boolean {
  for (let i = text.indexOf("%"); i >= 0; i = text.indexOf("%", i + 1)) {
    if (!/^%[0-9a-fA-F]{2}$/.test(text.slice(i, i + 3))) return false;
  }
  return true;
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

const ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]/u;

/** RFC 5322 `address`: `a@b.c`, `Name <a@b.c>`, `"Some Name" <a@b.c>`, with comments in parentheses. */
export function isEmail(value: string): boolean {
  if (value.length > 65_536) return false;
  const reader = new MailReader(value);
  return reader.address() && reader.atEnd();
}

/** Reads one mail address from the left; every method consumes what it accepts. */
class MailReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#skipComments() && this.#at === this.#text.length;
  }

  address(): boolean {
    this.#skipSpace();
    const start = this.#at;
    if (this.#addressSpec()) return true;
    this.#at = start;
    if (this.#peek() !== "<") {
      let words = 0;
      while (this.#skipComments() && this.#peek() !== "<") {
        if (!this.#word()) return false;
        words++;
      }
      if (words === 0) return false;
    }
    return this.#take("<") && this.#addressSpec() && this.#skipSpace() && this.#take(">");
  }

  #addressSpec(): boolean {
    const start = this.#at;
    this.#skipSpace();
    const local = this.#peek() === '"' ? this.#quoted(false) : this.#dotAtom();
    if (!local || !this.#take("@")) {
      this.#at = start;
      return false;
    }
    this.#skipSpace();
    return this.#peek() === "[" ? this.#domainLiteral() : this.#dotAtom();
  }

  #dotAtom(): boolean {
    const start = this.#at;
    let afterDot = true;
    while (this.#at < this.#text.length) {
      const character = String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
      if (character === ".") {
        if (afterDot) return false;
        afterDot = true;
      } else if (ATOM.test(character)) afterDot = false;
      else break;
      this.#at += character.length;
    }
    return this.#at > start && !afterDot;
  }

  #word(): boolean {
    if (this.#peek() === '"') return this.#quoted(true);
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const character = String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
      if (character !== "." && !ATOM.test(character)) break;
      this.#at += character.length;
    }
    return this.#at > start;
  }

  #quoted(mayBeEmpty: boolean): boolean {
    const start = ++this.#at;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] as string;
      if (character === '"') return mayBeEmpty || this.#at - 1 > start;
      if (character === "\\") this.#at++;
      else if (character < " " && character !== "\t") return false;
    }
    return false;
  }

  #domainLiteral(): boolean {
    const close = this.#text.indexOf("]", this.#at);
    if (close < 0) return false;
    const literal = this.#text.slice(this.#at + 1, close);
    this.#at = close + 1;
    return /^(?:\d{1,3}\.){3}\d{1,3}$/.test(literal)
      ? literal.split(".").every((octet) => Number(octet) <= 255 && !/^0\d/.test(octet))
      : isIpv6Literal(literal);
  }

  #skipComments(): boolean {
    this.#skipSpace();
    while (this.#peek() === "(") {
      let depth = 0;
      do {
        const character = this.#text[this.#at++];
        if (character === undefined) return false;
        if (character === "\\") this.#at++;
        else if (character === "(") depth++;
        else if (character === ")") depth--;
      } while (depth > 0);
      this.#skipSpace();
    }
    return true;
  }

  #skipSpace(): boolean {
    while (this.#peek() === " " || this.#peek() === "\t") this.#at++;
    return true;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }
}
