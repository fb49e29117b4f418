// `format` of strings as kube-openapi's strfmt registry knows them; what a custom resource's schema may use is listed in
// apiextensions' supported formats. Names are compared without dashes: `date-time` and `datetime` are one format.

import { isCidr, isIpv4, isIpv6, isMac } from "./network-formats.ts";
import { isDate, isDateTime, isDuration } from "./time-formats.ts";
import { isEmail, isHostname, isRequestUri } from "./uri-formats.ts";

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const UUID3 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const UUID4 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i;
const UUID5 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i;
const HEX_COLOR = /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/;
const COLOR_PART = "(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])";
const RGB_COLOR = new RegExp(
  `^rgb\\([\\t\\n\\f\\r ]*${COLOR_PART}(?:[\\t\\n\\f\\r ]*,[\\t\\n\\f\\r ]*${COLOR_PART}){2}[\\t\\n\\f\\r ]*\\)$`,
);
const BSON_OBJECT_ID = /^[0-9a-fA-F]{24}$/;
const SSN = /^\d{3}[- ]?\d{2}[- ]?\d{4}$/;
const SHORT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LONG_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const CREDIT_CARD =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;

/** Tells whether a string has the format. */
export type FormatCheck = (value: string) => boolean;

const FORMATS: ReadonlyMap<string, FormatCheck> = new Map<string, FormatCheck>([
  ["bsonobjectid", (value) => BSON_OBJECT_ID.test(value)],
  ["uri", isRequestUri],
  ["email", isEmail],
  ["hostname", isHostname],
  ["ipv4", isIpv4],
  ["ipv6", isIpv6],
  ["cidr", isCidr],
  ["mac", isMac],
  ["uuid", (value) => UUID.test(value)],
  ["uuid3", (value) => UUID3.test(value)],
  ["uuid4", (value) => UUID4.test(value)],
  ["uuid5", (value) => UUID5.test(value)],
  ["isbn", (value) => isIsbn10(value) || isIsbn13(value)],
  ["isbn10", isIsbn10],
  ["isbn13", isIsbn13],
  ["creditcard", isCreditCard],
  ["ssn", (value) => value.length === 11 && SSN.test(value)],
  ["hexcolor", (value) => HEX_COLOR.test(value)],
  ["rgbcolor", (value) => RGB_COLOR.test(value)],
  ["byte", isBase64],
  ["password", () => true],
  ["date", isDate],
  ["duration", isDuration],
  ["datetime", isDateTime],
  ["k8sshortname", (value) => value.length <= 63 && SHORT_NAME.test(value)],
  ["k8slongname", (value) => value.length <= 253 && LONG_NAME.test(value)],
]);

/** The check of a string format; undefined for a format nobody knows, which accepts everything. */
export function stringFormat(name: string): FormatCheck | undefined {
  return FORMATS.get(name.replaceAll("-", ""));
}

/**
 * Whether the server acts on `format` beside `type`; others are ignored and warned of.
 *
 * @param type - the schema's type; `""` when it has none or is int-or-string.
 */
export function isKnownFormat(type: string, format: string): boolean {
  switch (type) {
    case "":
    case "string":
      return stringFormat(format) !== undefined;
    case "integer":
      return format === "int32" || format === "int64";
    case "number":
      return format === "float" || format === "double";
    default:
      return false;
  }
}

/** Standard alphabet, padded, not empty. */
function isBase64(value: string): boolean {
  const length = value.length;
  if (length === 0 || length % 4 !== 0) return false;
  let end = length;
  if (value.charCodeAt(end - 1) === 0x3d) end--;
  if (value.charCodeAt(end - 1) === 0x3d) end--;
  for (let i = 0; i < end; i++) if (!isBase64Digit(value.charCodeAt(i))) return false;
  return true;
}

function isBase64Digit(code: number): boolean {
  if (code >= 0x61) return code <= 0x7a;
  if (code >= 0x41) return code <= 0x5a;
  return (code >= 0x2f && code <= 0x39) || code === 0x2b;
}

function withoutBlanksAndDashes(value: string): string {
  return value.length > 1000 ? value : value.replace(/[\t\n\f\r -]+/g, "");
}

function isIsbn10(value: string): boolean {
  const digits = withoutBlanksAndDashes(value);
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += (i + 1) * (digits[i] === "X" ? 10 : Number(digits[i]));
  return sum % 11 === 0;
}

function isIsbn13(value: string): boolean {
  const digits = withoutBlanksAndDashes(value);
  if (!/^[0-9]{13}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += (i % 2 === 0 ? 1 : 3) * Number(digits[i]);
  return Number(digits[12]) === (10 - (sum % 10)) % 10;
}

/** Luhn's checksum over the digits of a number of the known card companies. */
function isCreditCard(value: string): boolean {
  const digits = value.replace(/[^0-9]+/g, "");
  if (!CREDIT_CARD.test(digits)) return false;
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = Number(digits[i]) * (double ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}
