// A few combinators that build the schema of a custom resource and its TypeScript type from one expression.
// The result has the form of apiextensions.k8s.io/v1 JSONSchemaProps and stays inside what a structural schema may hold.

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** apiextensions.k8s.io/v1 ValidationRule: a CEL expression and what is said when it is false. */
export interface CelRule {
  rule: string;
  message: string;
  reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired" | "FieldValueDuplicate";
  fieldPath?: string;
}

/** The part of apiextensions.k8s.io/v1 JSONSchemaProps these contracts use. */
export interface SchemaProps {
  description?: string;
  type?: string;
  format?: string;
  default?: Json;
  enum?: Json[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  required?: string[];
  properties?: Record<string, SchemaProps>;
  additionalProperties?: SchemaProps;
  items?: SchemaProps;
  anyOf?: SchemaProps[];
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-validations"?: CelRule[];
}

declare const VALUE: unique symbol;

/** A schema that remembers the TypeScript type `T` of the values it describes. Optional unless {@link required}. */
export interface Field<T> {
  readonly schema: SchemaProps;
  /** Type level only; never set. */
  readonly [VALUE]?: T;
}

/** A {@link Field} its parent object must carry. */
export interface RequiredField<T> extends Field<T> {
  readonly required: true;
}

/** The TypeScript type of the values a field describes. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

type Shape = Readonly<Record<string, Field<unknown>>>;
type Simplify<T> = { [K in keyof T]: T[K] };
type ObjectOf<S extends Shape> = Simplify<
  { -readonly [K in keyof S as S[K] extends RequiredField<unknown> ? K : never]: ValueOf<S[K]> } & {
    -readonly [K in keyof S as S[K] extends RequiredField<unknown> ? never : K]?: ValueOf<S[K]>;
  }
>;

/** The pattern every published CRD gives a resource.Quantity. */
const QUANTITY_PATTERN =
  "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

interface StringOptions {
  readonly default?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: "email";
}

/** A string. */
export function string(description: string, options: StringOptions = {}): Field<string> {
  return { schema: { description, type: "string", ...options } };
}

/** A string of a closed set. */
export function choice<const V extends string>(
  description: string,
  values: readonly V[],
  options: { readonly default?: NoInfer<V> } = {},
): Field<V> {
  return { schema: { description, type: "string", enum: [...values], ...options } };
}

/** An RFC 3339 time stamp. */
export function dateTime(description: string): Field<string> {
  return { schema: { description, type: "string", format: "date-time" } };
}

interface IntegerOptions {
  readonly default?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** `int32` unless told; `none` leaves the width open. */
  readonly width?: "int32" | "int64" | "none";
}

/** A whole number. */
export function integer(description: string, options: IntegerOptions = {}): Field<number> {
  const { width = "int32", ...bounds } = options;
  const schema: SchemaProps = { description, type: "integer", ...bounds };
  if (width !== "none") schema.format = width;
  return { schema };
}

/** A truth value. */
export function boolean(description: string, options: { readonly default?: boolean } = {}): Field<boolean> {
  return { schema: { description, type: "boolean", ...options } };
}

/** A Kubernetes resource.Quantity such as `500m`, `16Gi` or a bare number. */
export function quantity(description: string, options: { readonly default?: string } = {}): Field<string | number> {
  return {
    schema: {
      description,
      anyOf: [{ type: "integer" }, { type: "string" }],
      pattern: QUANTITY_PATTERN,
      "x-kubernetes-int-or-string": true,
      ...options,
    },
  };
}

interface ListOptions {
  readonly minItems?: number;
  readonly maxItems?: number;
  /** Makes the list a map with these keys: entries merge by key and no key occurs twice. */
  readonly mapKeys?: readonly string[];
}

/** A list of `item`; atomic unless `mapKeys` are given. */
export function list<T>(description: string, item: Field<T>, options: ListOptions = {}): Field<T[]> {
  const { mapKeys, ...bounds } = options;
  const schema: SchemaProps = { description, type: "array", items: item.schema, ...bounds };
  if (mapKeys !== undefined) {
    schema["x-kubernetes-list-type"] = "map";
    schema["x-kubernetes-list-map-keys"] = [...mapKeys];
  }
  return { schema };
}

/** A list of plain strings. */
export function strings(description: string, options: ListOptions = {}): Field<string[]> {
  return list(description, { schema: { type: "string" } } as Field<string>, options);
}

/** A map from any string to `value`. */
export function mapOf<T>(description: string, value: Field<T>): Field<Record<string, T>> {
  return { schema: { description, type: "object", additionalProperties: value.schema } };
}

/** An object whose content is nobody's business here, for example Helm values. */
export function freeForm(description: string): Field<{ [key: string]: Json }> {
  return { schema: { description, type: "object", "x-kubernetes-preserve-unknown-fields": true } };
}

/** An object with exactly these properties. `rules` are CEL conditions over the whole object. */
export function object<const S extends Shape>(
  description: string,
  shape: S,
  options: { readonly rules?: readonly CelRule[] } = {},
): Field<ObjectOf<S>> {
  const schema: SchemaProps = { description, type: "object" };
  const names = Object.keys(shape).sort();
  if (names.length > 0) {
    schema.properties = Object.fromEntries(names.map((name) => [name, (shape[name] as Field<unknown>).schema]));
  }
  const needed = names.filter((name) => (shape[name] as Partial<RequiredField<unknown>>).required === true);
  if (needed.length > 0) schema.required = needed;
  if (options.rules !== undefined) schema["x-kubernetes-validations"] = options.rules.map((rule) => ({ ...rule }));
  return { schema };
}

/** Marks a field its parent must carry. */
export function required<T>(field: Field<T>): RequiredField<T> {
  return { ...field, required: true };
}
