// How the single values of the type table are read from JSON: what Go's decoders accept, and their complaints.
import type { Json } from "../../../meta/types.ts";
import { parseGoTime } from "../../../schema/go-time.ts";
import { checkBase64 } from "./base64.ts";
import type { DecodeContext } from "./decode-context.ts";
import { parseMicroTime } from "./micro-time.ts";
import { formatQuantity, parseQuantity } from "./quantity.ts";

/** The field a value stands in, for complaints. */
export interface Place {
  /** Name of the struct that has the field. */
  readonly struct: string;
  /** Type of the field in Go. */
  readonly goType: string;
}

/** Returns the value as it encodes. @throws StatusError 400 */
export type Reader = (value: Json, context: DecodeContext, place: Place) => Json;

/** The complaint of Go's decoder about a value of the wrong kind. */
export function wrongType(value: Json, context: DecodeContext, place: Place, detail = ""): Error {
  const where = `Go struct field ${place.struct}.${context.fieldPath()}`;
  return context.refuse(`json: cannot unmarshal ${jsonWord(value)}${detail} into ${where} of type ${place.goType}`);
}

/** Kinds of JSON values as Go names them. */
export function jsonWord(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

const readString: Reader = (value, context, place) => {
  if (typeof value === "string") return value;
  throw wrongType(value, context, place);
};

const readBool: Reader = (value, context, place) => {
  if (typeof value === "boolean") return value;
  throw wrongType(value, context, place);
};

function integerReader(min: number, max: number): Reader {
  return (value, context, place) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw wrongType(value, context, place, typeof value === "number" ? ` ${value}` : "");
  };
}

const readFloat: Reader = (value, context, place) => {
  if (typeof value === "number") return value;
  throw wrongType(value, context, place);
};

const readBytes: Reader = (value, context, place) => {
  if (typeof value !== "string") throw wrongType(value, context, { ...place, goType: "[]uint8" });
  const checked = checkBase64(value);
  if ("errorAt" in checked) throw context.refuse(`illegal base64 data at input byte ${checked.errorAt}`);
  return checked.text;
};

const readQuantity: Reader = (value, context) => {
  const parsed = parseQuantity(typeof value === "string" ? value.trim() : JSON.stringify(value));
  if ("error" in parsed) throw context.refuse(parsed.error);
  return formatQuantity(parsed);
};

const readIntOrString: Reader = (value, context) => {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  const detail = typeof value === "number" ? ` ${value}` : "";
  throw context.refuse(`json: cannot unmarshal ${jsonWord(value)}${detail} into Go value of type int32`);
};

function stringValue(value: Json, context: DecodeContext): string {
  if (typeof value === "string") return value;
  throw context.refuse(`json: cannot unmarshal ${jsonWord(value)} into Go value of type string`);
}

const WHOLE_SECONDS_UTC = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

const readTime: Reader = (value, context) => {
  const text = stringValue(value, context);
  if (WHOLE_SECONDS_UTC.test(text)) return text;
  const parsed = parseGoTime(text);
  if ("error" in parsed) throw context.refuse(parsed.error);
  return parsed.text;
};

const readMicroTime: Reader = (value, context) => {
  const parsed = parseMicroTime(stringValue(value, context));
  if ("error" in parsed) throw context.refuse(parsed.error);
  return parsed.text;
};

const readDuration: Reader = (value, context) => stringValue(value, context);

const readAnything: Reader = (value) => value;

/** Readers of the scalar words of the type table. */
export const SCALAR_READERS: Readonly<Record<string, Reader>> = {
  string: readString,
  bool: readBool,
  int32: integerReader(-(2 ** 31), 2 ** 31 - 1),
  int64: integerReader(-(2 ** 63), 2 ** 63),
  float64: readFloat,
  bytes: readBytes,
  quantity: readQuantity,
  intorstring: readIntOrString,
  time: readTime,
  microtime: readMicroTime,
  duration: readDuration,
  raw: readAnything,
  fieldsv1: readAnything,
  json: readAnything,
};
