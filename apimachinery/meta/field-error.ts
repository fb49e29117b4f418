// The field errors of Kubernetes API validation (k8s.io/apimachinery/pkg/util/validation/field): their types, texts
// and the causes they become in a Status.

/** The reason of a cause, as clients branch on it. */
export type FieldErrorType =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "InternalError"
  | "FieldValueTypeInvalid";

export interface FieldError {
  readonly type: FieldErrorType;
  /** JSON path in the form `spec.list[0].map[key]`; `<nil>` where the original gives no path. */
  readonly field: string;
  /** The text after the type's words and the value: `Invalid value: "x": <detail>`. */
  readonly detail: string;
  /** The offending value; absent (undefined) where the text shows none. */
  readonly value?: unknown;
}

const WORDS: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: "Not found",
  FieldValueRequired: "Required value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  InternalError: "Internal error",
  FieldValueTypeInvalid: "Invalid value",
};

const WITHOUT_VALUE: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  "FieldValueRequired",
  "FieldValueForbidden",
  "FieldValueTooLong",
  "InternalError",
]);

/** `Invalid value: "x": must be y` - the text of a cause, without its field. */
export function fieldErrorBody(error: FieldError): string {
  const words = WORDS[error.type];
  const head =
    WITHOUT_VALUE.has(error.type) || error.value === undefined ? words : `${words}: ${showValue(error.value)}`;
  return error.detail === "" ? head : `${head}: ${error.detail}`;
}

/** `spec.x: Invalid value: "x": must be y` - the text of one error in a Status message. */
export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${fieldErrorBody(error)}`;
}

/** Several errors in one sentence, as `[a, b]`; one stands alone. Repeated texts are named once. */
export function aggregateText(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(fieldErrorText))];
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(", ")}]`;
}

function showValue(value: unknown): string {
  if (typeof value === "string") return goQuote(value);
  if (value === null) return "null";
  if (typeof value === "number") return goNumber(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  return goJson(value);
}

/** JSON as Go writes it into texts: `<`, `>`, `&` and the line separators of Unicode escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A number as Go prints it: what fits 64 bits as an integer in digits, everything else as {@link goFloat}. */
export function goNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? String(BigInt(value)) : goFloat(value);
}

/** A number that Go holds as a float64: `0.5`, `1e-05`, `1.5e+06`; with an exponent below 1e-4 and from 1e6 on. */
export function goFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** A string in Go's quotes (`%q`): like JSON, except for what cannot be printed. */
export function goQuote(text: string): string {
  const json = JSON.stringify(text);
  if (/^[\n\r\t\x20-\x7e]*$/.test(text)) return json;
  let quoted = '"';
  for (const character of text) quoted += goEscape(character);
  return `${quoted}"`;
}

const GO_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function goEscape(character: string): string {
  const known = GO_ESCAPES[character];
  if (known !== undefined) return known;
  if (character === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) return character;
  const code = character.codePointAt(0) as number;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code >= 0xd800 && code < 0xe000) return "\ufffd";
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: "FieldValueInvalid", field, value, detail };
}
export function required(field: string, detail = ""): FieldError {
  return { type: "FieldValueRequired", field, detail };
}
export function forbidden(field: string, detail: string): FieldError {
  return { type: "FieldValueForbidden", field, detail };
}
export function duplicate(field: string, value: unknown): FieldError {
  return { type: "FieldValueDuplicate", field, value, detail: "" };
}
export function notFound(field: string, value: unknown): FieldError {
  return { type: "FieldValueNotFound", field, value, detail: "" };
}
/** `Unsupported value: "x": supported values: "a", "b"` */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map(goQuote).join(", ");
  return {
    type: "FieldValueNotSupported",
    field,
    value,
    detail: supported.length === 0 ? "" : `supported values: ${list}`,
  };
}
