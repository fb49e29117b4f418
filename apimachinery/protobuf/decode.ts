// Kubernetes' protobuf encoding: an envelope (runtime.Unknown behind four magic bytes) around a message of the type table.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
import { type Field, fieldsOf } from "../builtin/type-table.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { protobufErrors } from "./errors.ts";
import { WireReader } from "./wire-reader.ts";

const MAGIC = [0x6b, 0x38, 0x73, 0x00];
/** Messages inside messages; the deepest built-in kind needs about 20, a JSONSchemaProps more. */
const MAX_DEPTH = 200;

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** Opens the envelope without decoding what is inside. Throws errors of the `PROTOBUF_` table. */
export function openEnvelope(body: Uint8Array): Envelope {
  if (MAGIC.some((byte, i) => body[i] !== byte)) throw protobufErrors.create("PROTOBUF_MAGIC");
  const reader = new WireReader(body, MAGIC.length);
  let apiVersion = "";
  let kind = "";
  let contentEncoding = "";
  let contentType = "";
  let raw: Uint8Array = new Uint8Array(0);
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x0a) {
      const meta = new WireReader(reader.bytes());
      while (!meta.done) {
        const inner = meta.small();
        if (inner === 0x0a) apiVersion = text(meta.bytes());
        else if (inner === 0x12) kind = text(meta.bytes());
        else meta.skip(inner & 7);
      }
    } else if (tag === 0x12) raw = reader.bytes();
    else if (tag === 0x1a) contentEncoding = text(reader.bytes());
    else if (tag === 0x22) contentType = text(reader.bytes());
    else reader.skip(tag & 7);
  }
  if (contentEncoding !== "" || (contentType !== "" && contentType !== "application/vnd.kubernetes.protobuf")) {
    throw protobufErrors.create("PROTOBUF_CONTENT", { contentType, contentEncoding });
  }
  return { apiVersion, kind, raw };
}

/**
 * Decodes one message of the type table into its JSON form.
 *
 * Zero values of fields that are no pointers vanish, as they do when the original re-encodes its struct.
 *
 * @param key - a key of the type table: `core/v1.ConfigMap`
 */
export function decodeMessage(key: string, raw: Uint8Array): JsonObject {
  return message(key, raw, 0);
}

interface Slot {
  readonly field: Field;
  /** Where an inlined field's own fields go: into the parent. */
  readonly inline: boolean;
}
const slotCache = new Map<string, ReadonlyMap<number, Slot>>();

function slotsOf(key: string): ReadonlyMap<number, Slot> {
  let slots = slotCache.get(key);
  if (slots === undefined) {
    slots = new Map(
      (fieldsOf(key) ?? [])
        .filter((f) => f.number > 0)
        .map((f) => [f.number, { field: f, inline: f.options.inline === true }]),
    );
    slotCache.set(key, slots);
  }
  return slots;
}

function message(key: string, raw: Uint8Array, depth: number, into: JsonObject = {}): JsonObject {
  if (depth > MAX_DEPTH) throw protobufErrors.create("PROTOBUF_DEPTH", { limit: MAX_DEPTH });
  const slots = slotsOf(key);
  const reader = new WireReader(raw);
  while (!reader.done) {
    const tag = reader.small();
    const slot = slots.get(Math.floor(tag / 8));
    const wireType = tag % 8;
    if (slot === undefined) reader.skip(wireType);
    else if (slot.inline) {
      expectWire(wireType, 2);
      message(slot.field.type, reader.bytes(), depth + 1, into);
    } else readField(slot.field, reader, wireType, into, depth);
  }
  return into;
}

function readField(field: Field, reader: WireReader, wireType: number, into: JsonObject, depth: number): void {
  const { name, type } = field;
  if (type.startsWith("[]")) {
    const list = Object.hasOwn(into, name) ? (into[name] as Json[]) : [];
    into[name] = list;
    list.push(value(type.slice(2), reader, wireType, depth));
    return;
  }
  if (type.startsWith("{}")) {
    expectWire(wireType, 2);
    const map = Object.hasOwn(into, name) ? (into[name] as JsonObject) : {};
    into[name] = map;
    mapEntry(type.slice(2), reader.bytes(), map, depth);
    return;
  }
  const decoded = value(type, reader, wireType, depth);
  const zero = decoded === "" || decoded === 0 || decoded === false || decoded === null;
  if (zero && field.options.pointer !== true && field.options.required !== true) delete into[name];
  else into[name] = decoded;
}

function mapEntry(type: string, raw: Uint8Array, into: JsonObject, depth: number): void {
  const reader = new WireReader(raw);
  let key = "";
  let entry: Json = type === "string" || type === "bytes" ? "" : type.startsWith("[]") ? [] : {};
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x0a) key = text(reader.bytes());
    else if (Math.floor(tag / 8) === 2) {
      // A map of lists (ExtraValue) wraps each list in a message whose field 1 repeats.
      if (type === "[]string") entry = wrappedStrings(reader.bytes());
      else entry = value(type, reader, tag % 8, depth);
    } else reader.skip(tag & 7);
  }
  Object.defineProperty(into, key, { value: entry, enumerable: true, configurable: true, writable: true });
}

function wrappedStrings(raw: Uint8Array): string[] {
  const reader = new WireReader(raw);
  const out: string[] = [];
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x0a) out.push(text(reader.bytes()));
    else reader.skip(tag & 7);
  }
  return out;
}

function value(type: string, reader: WireReader, wireType: number, depth: number): Json {
  switch (type) {
    case "string":
      expectWire(wireType, 2);
      return text(reader.bytes());
    case "bool":
      expectWire(wireType, 0);
      return reader.varint() !== 0n;
    case "int32":
    case "int64":
      expectWire(wireType, 0);
      return reader.integer();
    case "float64":
      expectWire(wireType, 1);
      return reader.double();
    case "bytes":
      expectWire(wireType, 2);
      return base64(reader.bytes());
    default:
      expectWire(wireType, 2);
      return wrapped(type, reader.bytes(), depth);
  }
}

/** Values that travel as a small message of their own but are a scalar in JSON. */
function wrapped(type: string, raw: Uint8Array, depth: number): Json {
  switch (type) {
    case "quantity":
      return text(firstBytes(raw));
    case "time":
    case "microtime":
      return time(raw, type === "microtime");
    case "duration":
      return durationText(firstVarint(raw));
    case "intorstring":
      return intOrString(raw);
    case "raw":
    case "json":
    case "fieldsv1": {
      const inner = firstBytes(raw);
      return inner.length === 0 ? null : parseJson(inner);
    }
    case "propsorbool":
      return propsOr(raw, depth, (reader) => reader.varint() !== 0n, 1, 2);
    case "propsorarray":
      return propsOrArray(raw, depth);
    case "propsorstrings":
      return propsOrStrings(raw, depth);
    default:
      return message(type, raw, depth + 1);
  }
}

const SCHEMA = "apiextensions/v1.JSONSchemaProps";

function propsOr(
  raw: Uint8Array,
  depth: number,
  other: (reader: WireReader) => Json,
  otherField: number,
  schemaField: number,
): Json {
  const reader = new WireReader(raw);
  let out: Json = null;
  while (!reader.done) {
    const tag = reader.small();
    const number = Math.floor(tag / 8);
    if (number === schemaField) out = message(SCHEMA, reader.bytes(), depth + 1);
    else if (number === otherField) out ??= other(reader);
    else reader.skip(tag & 7);
  }
  return out;
}

function propsOrArray(raw: Uint8Array, depth: number): Json {
  const reader = new WireReader(raw);
  const list: Json[] = [];
  let single: Json = null;
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x0a) single = message(SCHEMA, reader.bytes(), depth + 1);
    else if (tag === 0x12) list.push(message(SCHEMA, reader.bytes(), depth + 1));
    else reader.skip(tag & 7);
  }
  return single ?? list;
}

function propsOrStrings(raw: Uint8Array, depth: number): Json {
  const reader = new WireReader(raw);
  const list: Json[] = [];
  let single: Json = null;
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x0a) single = message(SCHEMA, reader.bytes(), depth + 1);
    else if (tag === 0x12) list.push(text(reader.bytes()));
    else reader.skip(tag & 7);
  }
  return single ?? list;
}

function firstBytes(raw: Uint8Array): Uint8Array {
  const reader = new WireReader(raw);
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x0a) return reader.bytes();
    reader.skip(tag & 7);
  }
  return new Uint8Array(0);
}

function firstVarint(raw: Uint8Array): bigint {
  const reader = new WireReader(raw);
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x08) return BigInt.asIntN(64, reader.varint());
    reader.skip(tag & 7);
  }
  return 0n;
}

function time(raw: Uint8Array, micro: boolean): Json {
  const reader = new WireReader(raw);
  let seconds = 0;
  let nanos = 0;
  let any = false;
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x08) {
      seconds = reader.integer();
      any = true;
    } else if (tag === 0x10) nanos = reader.integer();
    else reader.skip(tag & 7);
  }
  if (!any || Math.abs(seconds) > 253_402_300_799) return null;
  const base = new Date(seconds * 1000).toISOString().slice(0, 19);
  return micro ? `${base}.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z` : `${base}Z`;
}

function intOrString(raw: Uint8Array): Json {
  const reader = new WireReader(raw);
  let isString = false;
  let number = 0;
  let word = "";
  while (!reader.done) {
    const tag = reader.small();
    if (tag === 0x08) isString = reader.varint() === 1n;
    else if (tag === 0x10) number = reader.integer();
    else if (tag === 0x1a) word = text(reader.bytes());
    else reader.skip(tag & 7);
  }
  return isString ? word : number;
}

/** Go's text of a duration, exact for whole milliseconds: `1h2m3.5s`. */
function durationText(nanos: bigint): string {
  if (nanos === 0n) return "0s";
  const sign = nanos < 0n ? "-" : "";
  let rest = nanos < 0n ? -nanos : nanos;
  const hours = rest / 3_600_000_000_000n;
  rest %= 3_600_000_000_000n;
  const minutes = rest / 60_000_000_000n;
  rest %= 60_000_000_000n;
  const seconds = `${rest / 1_000_000_000n}.${String(rest % 1_000_000_000n).padStart(9, "0")}`.replace(/\.?0+$/, "");
  const head = hours > 0n ? `${hours}h${minutes}m` : minutes > 0n ? `${minutes}m` : "";
  return `${sign}${head}${seconds === "" ? "0" : seconds}s`;
}

function expectWire(got: number, want: number): void {
  if (got !== want) throw protobufErrors.create("PROTOBUF_WIRE_TYPE", { wireType: got });
}

const decoder = new TextDecoder("utf-8", { fatal: true });
function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw protobufErrors.create("PROTOBUF_TEXT", {}, { cause });
  }
}

function parseJson(bytes: Uint8Array): Json {
  const source = text(bytes);
  try {
    return JSON.parse(source) as Json;
  } catch (cause) {
    throw protobufErrors.create("PROTOBUF_TEXT", {}, { cause });
  }
}

function base64(bytes: Uint8Array): string {
  return (bytes as Uint8Array & { toBase64(): string }).toBase64();
}
