import { decodeMessage, openEnvelope } from "@holdfast/apimachinery/protobuf/decode";
import { badRequest, failure } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type Json, parseApiVersion } from "@holdfast/apimachinery/meta/types";
import { parseJsonStrict, parseYaml } from "@holdfast/apimachinery/schema/strict";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import { builtinTypeKey } from "../resources/builtin-types.ts";

export interface Decoded {
  readonly value: Json | undefined;
  /** Complaints about keys that are set twice, worded as strictness reports them. */
  readonly duplicates: readonly string[];
}

const NOTHING: Decoded = { value: undefined, duplicates: [] };

/**
 * Decodes a request body by its Content-Type: JSON (also when none is given), YAML, or protobuf for built-in kinds.
 *
 * @param custom - the resource is a custom one: protobuf is then no media type of it
 * @throws StatusError 400 or 415
 */
export function decodeBody(body: Buffer, contentType: string | undefined, custom: boolean): Decoded {
  if (body.length === 0) return NOTHING;
  const mediaType = (contentType ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
  switch (mediaType) {
    case "application/json":
    case "":
      return decodeText(() => parseJsonStrict(utf8(body)), "json");
    case "application/yaml":
      return decodeText(() => parseYaml(utf8(body)), "yaml");
    case "application/vnd.kubernetes.protobuf":
      if (!custom) return { value: decodeProtobuf(body), duplicates: [] };
      break;
    default:
  }
  const accepted = custom ? "application/json, application/yaml" : "application/json, application/yaml, application/vnd.kubernetes.protobuf";
  throw failure("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${accepted}`);
}

function decodeText(parse: () => { value: Json; duplicates: string[] }, what: string): Decoded {
  try {
    return parse();
  } catch (error) {
    if (error instanceof HoldfastError && error.name === "StatusError") throw error;
    throw badRequest(`couldn't get version/kind; ${what} parse error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A Kubernetes protobuf body as the JSON object it stands for. */
export function decodeProtobuf(body: Buffer): Json {
  try {
    const envelope = openEnvelope(body);
    const gv = parseApiVersion(envelope.apiVersion);
    const key = gv === undefined ? undefined : builtinTypeKey(gv.group, gv.version, envelope.kind);
    if (key === undefined || gv === undefined) {
      throw badRequest(`no kind "${envelope.kind}" is registered for version "${envelope.apiVersion}" in scheme`);
    }
    return { kind: envelope.kind, apiVersion: apiVersionOf(gv), ...decodeMessage(key, envelope.raw) };
  } catch (error) {
    if (error instanceof HoldfastError && error.code.startsWith("PROTOBUF_")) throw badRequest(error.message);
    throw error;
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
function utf8(body: Buffer): string {
  return decoder.decode(body);
}
