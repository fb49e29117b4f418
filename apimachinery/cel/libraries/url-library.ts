// URLs: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library

import { BOOL, LIST_OF_STRING, mapOf, opaqueType, STRING } from "../language/cel-types.ts";
import { ArrayList, type CelError, celError, HashMap, Opaque } from "../language/cel-values.ts";
import { global, type Meter, member, type Overload } from "../language/function-table.ts";
import { type GoUrl, parseRequestUri, queryValues } from "./go-url.ts";

const URL_TYPE = opaqueType("kubernetes.URL");

class Url extends Opaque {
  readonly celType = URL_TYPE;
  readonly parts: GoUrl;
  readonly #source: string;
  constructor(source: string, parts: GoUrl) {
    super();
    this.#source = source;
    this.parts = parts;
  }
  equals(other: unknown): boolean {
    return other instanceof Url && other.#source === this.#source;
  }
}

function toUrl(text: string): Url | CelError {
  const parsed = parseRequestUri(text);
  if ("error" in parsed) return celError(`URL parse error during conversion from string: ${parsed.error}`);
  return new Url(text, parsed);
}

function query(url: Url, _b: never, _c: never, _d: never, meter: Meter): HashMap {
  const map = new HashMap();
  meter.work(5 * url.parts.rawQuery.length);
  for (const [key, values] of queryValues(url.parts.rawQuery)) map.set(key, new ArrayList(values));
  return map;
}

function getter(id: string, part: keyof GoUrl): readonly Overload[] {
  return [member(id, [URL_TYPE], STRING, (url: Url) => url.parts[part])];
}

export const URL_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  url: [global("string_to_url", [STRING], URL_TYPE, toUrl)],
  isURL: [global("is_url_string", [STRING], BOOL, (text: string) => !("error" in parseRequestUri(text)))],
  getScheme: getter("url_get_scheme", "scheme"),
  getHost: getter("url_get_host", "host"),
  getHostname: getter("url_get_hostname", "hostname"),
  getPort: getter("url_get_port", "port"),
  getEscapedPath: getter("url_get_escaped_path", "escapedPath"),
  getQuery: [member("url_get_query", [URL_TYPE], mapOf(STRING, LIST_OF_STRING), query)],
};
