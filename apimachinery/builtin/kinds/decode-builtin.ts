import type { JsonObject, KubeObject } from "../../meta/types.ts";
import { DecodeContext } from "./decode/decode-context.ts";
import { readRoot } from "./decode/type-reader.ts";

/**
 * Brings a decoded body into the form in which its kind is stored, in place: what the type does not know is dropped,
 * quantities and times get their one spelling, zeros and empty lists and maps disappear, and what the encoding always has
 * appears (`status: {}`, `rules: null`).
 *
 * @param typeKey - as in the type table: `apps/v1.Deployment`
 * @param unknown - takes the paths of unknown fields, in the form `spec.list[0].x`
 * @throws StatusError 400 when a value cannot be decoded into its type, in the words of the API
 */
export function normalizeBuiltin(object: KubeObject, typeKey: string, unknown?: string[]): void {
  const { apiVersion, kind } = object;
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  readRoot(object as unknown as JsonObject, typeKey, new DecodeContext(kind, version, unknown));
}
