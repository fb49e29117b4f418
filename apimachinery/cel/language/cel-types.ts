// The types of CEL (https://github.com/google/cel-spec, "Values" and "Gradual type checking").

export type TypeKind =
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "null"
  | "dyn"
  | "error"
  | "timestamp"
  | "duration"
  | "type"
  | "list"
  | "map"
  | "object"
  | "opaque"
  | "parameter";

/** A type; two types are the same if their kind, name and parameters are. */
export interface CelType {
  readonly kind: TypeKind;
  /** As it is written: `int`, `google.protobuf.Timestamp`, `kubernetes.Quantity`. */
  readonly name: string;
  readonly params: readonly CelType[];
  /** Objects only: the declared fields, by their escaped names. */
  readonly fields?: ReadonlyMap<string, CelType>;
}

function simple(kind: TypeKind, name: string = kind): CelType {
  return { kind, name, params: [] };
}

export const BOOL = simple("bool");
export const INT = simple("int");
export const UINT = simple("uint");
export const DOUBLE = simple("double");
export const STRING = simple("string");
export const BYTES = simple("bytes");
export const NULL = simple("null", "null_type");
export const DYN = simple("dyn");
export const ERROR = simple("error", "*error*");
export const TIMESTAMP = simple("timestamp", "google.protobuf.Timestamp");
export const DURATION = simple("duration", "google.protobuf.Duration");
export const LIST_OF_STRING = listOf(STRING);
export const LIST_OF_DYN = listOf(DYN);
/** The type parameters of generic functions. */
export const A = simple("parameter", "A");
export const B = simple("parameter", "B");

export function listOf(element: CelType): CelType {
  return { kind: "list", name: "list", params: [element] };
}

export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: "map", name: "map", params: [key, value] };
}

export function typeOfType(of: CelType): CelType {
  return { kind: "type", name: "type", params: [of] };
}

export function optionalOf(value: CelType): CelType {
  return { kind: "opaque", name: "optional_type", params: [value] };
}

export function opaqueType(name: string): CelType {
  return simple("opaque", name);
}

export function objectType(name: string, fields: ReadonlyMap<string, CelType>): CelType {
  return { kind: "object", name, params: [], fields };
}

export function typeParameter(name: string): CelType {
  return simple("parameter", name);
}

export function isOptional(type: CelType): boolean {
  return type.kind === "opaque" && type.name === "optional_type";
}

/** The parameter of a list, type or optional; dyn if there is none. */
export function firstParameter(type: CelType): CelType {
  return type.params[0] ?? DYN;
}

/** How error texts write a type: `list(int)`, `map(string, dyn)`, `timestamp`. */
export function showType(type: CelType): string {
  switch (type.kind) {
    case "null":
      return "null";
    case "timestamp":
      return "timestamp";
    case "duration":
      return "duration";
    case "error":
      return "!error!";
    default:
      return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(showType).join(", ")})`;
  }
}

/** Whether two types are the same, dyn being the same as dyn only. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.name !== b.name || a.params.length !== b.params.length) return false;
  if (a.fields !== b.fields) return false;
  return a.params.every((param, i) => sameType(param, b.params[i] as CelType));
}
