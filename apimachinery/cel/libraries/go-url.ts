// URLs as Go's url.ParseRequestURI reads them (https://pkg.go.dev/net/url#ParseRequestURI).

import { goQuote } from "../../meta/field-error.ts";

export interface GoUrl {
  readonly scheme: string;
  /** Host and port, as written, percent escapes resolved. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  /** As written if that is a valid escaping, else escaped anew. */
  readonly escapedPath: string;
  readonly rawQuery: string;
}

type Problem = { readonly error: string };

/** Parses what may stand in the first line of an HTTP request: an absolute URL or path. */
export function parseRequestUri(text: string): GoUrl | Problem {
  const parsed = parse(text);
  return "error" in parsed ? { error: `parse ${goQuote(text)}: ${parsed.error}` } : parsed;
}

function parse(text: string): GoUrl | Problem {
  if (/[\x00-\x1f\x7f]/.test(text)) return { error: "net/url: invalid control character in URL" };
  if (text === "") return { error: "empty url" };
  const empty = { scheme: "", host: "", hostname: "", port: "", escapedPath: "", rawQuery: "" };
  if (text === "*") return { ...empty, escapedPath: "*" };
  const colon = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(text)?.[0];
  if (colon === undefined && /^:/.test(text)) return { error: "missing protocol scheme" };
  const scheme = colon === undefined ? "" : colon.slice(0, -1).toLowerCase();
  const afterScheme = text.slice(colon?.length ?? 0);
  const question = afterScheme.indexOf("?");
  const rawQuery = question < 0 ? "" : afterScheme.slice(question + 1);
  let rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  if (!rest.startsWith("/")) {
    return scheme === "" ? { error: "invalid URI for request" } : { ...empty, scheme, rawQuery };
  }
  let authority: Pick<GoUrl, "host" | "hostname" | "port"> = empty;
  if (scheme !== "" && rest.startsWith("//")) {
    const slash = rest.indexOf("/", 2);
    const parsed = parseAuthority(rest.slice(2, slash < 0 ? rest.length : slash));
    if ("error" in parsed) return parsed;
    authority = parsed;
    rest = slash < 0 ? "" : rest.slice(slash);
  }
  const badEscape = invalidEscape(rest);
  if (badEscape !== undefined) return { error: `invalid URL escape ${goQuote(badEscape)}` };
  return { ...authority, scheme, escapedPath: escapedPath(rest), rawQuery };
}

function unescapeText(text: string): string {
  return text.includes("%") ? new TextDecoder().decode(Uint8Array.from(decodeBytes(text))) : text;
}

/** The first percent sign that begins no escape, with what follows it. */
function invalidEscape(text: string): string | undefined {
  return text.includes("%") ? /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text)?.[0] : undefined;
}

const VALID_PATH = /^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:@/[\]]|%[0-9a-fA-F]{2})*$/;

function escapedPath(path: string): string {
  if (VALID_PATH.test(path)) return path;
  let result = "";
  for (const byte of decodeBytes(path)) {
    const character = String.fromCharCode(byte);
    result += /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return result;
}

/** The bytes of a text whose percent escapes are valid, resolved. */
function decodeBytes(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  const decoded: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x25) {
      decoded.push(Number.parseInt(String.fromCharCode(bytes[i + 1] as number, bytes[i + 2] as number), 16));
      i += 2;
    } else decoded.push(bytes[i] as number);
  }
  return decoded;
}

function parseAuthority(authority: string): Pick<GoUrl, "host" | "hostname" | "port"> | Problem {
  const at = authority.lastIndexOf("@");
  if (at >= 0 && !/^(?:[A-Za-z0-9\-._:~!$&'()*+,;=%@])*$/.test(authority.slice(0, at))) {
    return { error: "net/url: invalid userinfo" };
  }
  const host = authority.slice(at + 1);
  if (host.startsWith("[")) {
    const close = host.lastIndexOf("]");
    if (close < 0) return { error: "missing ']' in host" };
    const after = host.slice(close + 1);
    if (!isPort(after)) return { error: `invalid port ${goQuote(after)} after host` };
  } else {
    const colon = host.lastIndexOf(":");
    if (colon >= 0 && !isPort(host.slice(colon))) {
      return { error: `invalid port ${goQuote(host.slice(colon))} after host` };
    }
  }
  const wrong = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/u.exec(host)?.[0];
  if (wrong !== undefined) return { error: `invalid character ${goQuote(wrong)} in host name` };
  const badEscape = invalidEscape(host);
  if (badEscape !== undefined) return { error: `invalid URL escape ${goQuote(badEscape)}` };
  const decoded = unescapeText(host);
  return { host: decoded, ...splitHost(decoded) };
}

function isPort(text: string): boolean {
  return text === "" || /^:[0-9]*$/.test(text);
}

function splitHost(host: string): { hostname: string; port: string } {
  const colon = host.lastIndexOf(":");
  const hasPort = colon >= 0 && /^:[0-9]*$/.test(host.slice(colon));
  const name = hasPort ? host.slice(0, colon) : host;
  const bare = name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
  return { hostname: bare, port: hasPort ? host.slice(colon + 1) : "" };
}

/** The values of a query by key, in the order of the text; pieces that are no valid escaping are left out. */
export function queryValues(rawQuery: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const piece of rawQuery.split("&")) {
    if (piece === "" || piece.includes(";")) continue;
    const equals = piece.indexOf("=");
    const [key, value] = [
      piece.slice(0, equals < 0 ? piece.length : equals),
      equals < 0 ? "" : piece.slice(equals + 1),
    ];
    if (invalidEscape(key) !== undefined || invalidEscape(value) !== undefined) continue;
    const name = decodeQuery(key);
    const known = values.get(name);
    if (known === undefined) values.set(name, [decodeQuery(value)]);
    else known.push(decodeQuery(value));
  }
  return values;
}

function decodeQuery(text: string): string {
  return unescapeText(text.includes("+") ? text.replaceAll("+", " ") : text);
}
