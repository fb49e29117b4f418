import { badRequest, failure, StatusError } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type Json, parseApiVersion } from "@holdfast/apimachinery/meta/types";
import { decodeMessage, openEnvelope } from "@holdfast/apimachinery/protobuf/decode";
import { parseJsonStrict, parseYaml } from "@holdfast/apimachinery/schema/strict";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import { builtinTypeKey } from "../resources/builtin-types.ts";
import { libyamlText } from "./libyaml-text.ts";

export interface Decoded {
  readonly value: Json | undefined;
  /** Complaints about keys that are set twice, worded as strictness reports them. */
  readonly duplicates: readonly string[];
  /** The beginning of the body, as refusals show it; made when asked for. */
  readonly summary: () => BodySummary;
}

/** What a refusal shows of a body that is no object of any kind. */
export interface BodySummary {
  readonly text: string;
  /** At most 30 bytes: as they are when they look like JSON, else in hex. */
  readonly head: string;
}

const SUMMARY_BYTES = 30;
const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/**
 * Decodes a request body by its Content-Type: JSON (also when none is given), YAML, or protobuf for built-in kinds.
 *
 * @param about - the kind that is wanted, for refusals; false when the caller judges an empty body by itself
 * @throws StatusError 400 or 415
 */
export function decodeBody(
  body: Buffer,
  contentType: string | undefined,
  about: { readonly kind: string; readonly definition?: string } | false,
): Decoded {
  const summary = () => summaryOf(body);
  const refuse = (why: string) => badRequest(about === false ? why : unrecognized(about.kind, why, summary()));
  const mediaType = mediaTypeOf(contentType);
  if (body.length === 0 && about === false) return { value: undefined, duplicates: [], summary };
  switch (mediaType) {
    case "application/json":
    case "": {
      const parsed = decodeText(
        () => parseJsonStrict(utf8(body)),
        (text) => refuse(`couldn't get version/kind; json parse error: ${text}`),
      );
      const { value } = parsed;
      if (value !== null && (typeof value !== "object" || Array.isArray(value))) {
        const got = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
        throw refuse(
          `couldn't get version/kind; json parse error: json: cannot unmarshal ${got} into Go value of type ${TYPE_META}`,
        );
      }
      return { ...parsed, summary };
    }
    case "application/yaml":
      return {
        ...decodeText(
          () => parseYaml(utf8(body)),
          (text) => refuse(libyamlText(text)),
        ),
        summary,
      };
    case "application/vnd.kubernetes.protobuf":
      if (about === false || about.definition === undefined)
        return { value: decodeProtobuf(body), duplicates: [], summary };
      break;
    default:
  }
  throw unsupportedMediaType();
}

/** DeleteOptions of a body; undefined when there is none. @throws StatusError 400 or 415 */
export function decodeDeleteOptions(body: Buffer, contentType: string | undefined): Json | undefined {
  const { value } = decodeBody(body, contentType, false);
  if (value === undefined || value === null) return undefined;
  const { kind, apiVersion } = value as { kind?: unknown; apiVersion?: unknown };
  if (kind !== undefined && kind !== "" && kind !== "DeleteOptions") {
    throw badRequest(notRegistered(String(kind), String(apiVersion ?? "")));
  }
  return value;
}

/** `no kind "X" is registered for version "v1" in scheme …` */
export function notRegistered(kind: string, apiVersion: string): string {
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
}

/** The refusal of a body that does not say what it is. */
export function unrecognized(kind: string, why: string, summary: BodySummary): string {
  return `the object provided is unrecognized (must be of type ${kind}): ${why} (${summary.head})`;
}

function unsupportedMediaType(): StatusError {
  return failure(
    "UnsupportedMediaType",
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
  );
}

function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
}

function summaryOf(body: Buffer): BodySummary {
  const head = body.subarray(0, SUMMARY_BYTES);
  const more = body.length > SUMMARY_BYTES ? " ..." : "";
  if (body.length === 0) return { text: "", head: "<empty>" };
  const shown = body[0] === 0x7b ? head.toString("utf8") : head.toString("hex");
  return { text: utf8(body.subarray(0, 4096)), head: `${shown}${more}` };
}

function decodeText(
  parse: () => { value: Json; duplicates: string[] },
  refuse: (text: string) => StatusError,
): { value: Json; duplicates: string[] } {
  try {
    return parse();
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

/** A Kubernetes protobuf body as the JSON object it stands for. */
export function decodeProtobuf(body: Buffer): Json {
  try {
    const envelope = openEnvelope(body);
    const gv = parseApiVersion(envelope.apiVersion);
    const key = gv === undefined ? undefined : builtinTypeKey(gv.group, gv.version, envelope.kind);
    if (key === undefined || gv === undefined) throw badRequest(notRegistered(envelope.kind, envelope.apiVersion));
    return { kind: envelope.kind, apiVersion: apiVersionOf(gv), ...decodeMessage(key, envelope.raw) };
  } catch (error) {
    if (error instanceof HoldfastError && /^(?:PROTOBUF|BYTES)_/.test(error.code)) throw badRequest(error.message);
    throw error;
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
function utf8(body: Buffer): string {
  return decoder.decode(body);
}
