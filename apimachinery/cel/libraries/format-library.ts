// Named formats: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library

import { stringFormat } from "../../schema/formats/string-formats.ts";
import { isDate, isDateTime } from "../../schema/formats/time-formats.ts";
import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  qualifiedName,
  ruleForPrefix,
} from "../../schema/name-rules.ts";
import { LIST_OF_STRING, opaqueType, optionalOf, STRING } from "../language/cel-types.ts";
import { ArrayList, Opaque, Optional } from "../language/cel-values.ts";
import { global, type Meter, member, type Overload } from "../language/function-table.ts";
import { parseRequestUri } from "./go-url.ts";

const FORMAT = opaqueType("kubernetes.NamedFormat");

class NamedFormat extends Opaque {
  readonly celType = FORMAT;
  readonly name: string;
  readonly complaints: (text: string) => string[];
  constructor(name: string, complaints: (text: string) => string[]) {
    super();
    this.name = name;
    this.complaints = complaints;
  }
  equals(other: unknown): boolean {
    return other instanceof NamedFormat && other.name === this.name;
  }
}

function check(isValid: (text: string) => boolean, complaint: string): (text: string) => string[] {
  return (text) => (isValid(text) ? [] : [complaint]);
}

function uriComplaints(text: string): string[] {
  const parsed = parseRequestUri(text);
  return "error" in parsed ? [parsed.error] : [];
}

const RULES: Readonly<Record<string, (text: string) => string[]>> = {
  dns1123Label,
  dns1123Subdomain,
  dns1035Label,
  qualifiedName,
  dns1123LabelPrefix: ruleForPrefix(dns1123Label),
  dns1123SubdomainPrefix: ruleForPrefix(dns1123Subdomain),
  dns1035LabelPrefix: ruleForPrefix(dns1035Label),
  labelValue,
  uri: uriComplaints,
  uuid: check(stringFormat("uuid") ?? (() => false), "does not match the UUID format"),
  byte: check(stringFormat("byte") ?? (() => false), "invalid base64"),
  date: check(isDate, "invalid date"),
  datetime: check(isDateTime, "invalid datetime"),
};

const FORMATS: ReadonlyMap<string, NamedFormat> = new Map(
  Object.entries(RULES).map(([name, complaints]) => [name, new NamedFormat(name, complaints)]),
);

function validate(format: NamedFormat, text: string, _c: never, _d: never, meter: Meter): Optional {
  meter.work(Math.ceil(text.length / 10));
  const complaints = format.complaints(text);
  return complaints.length === 0 ? Optional.NONE : Optional.of(new ArrayList(complaints));
}

function named(name: string): Optional {
  const format = FORMATS.get(name);
  return format === undefined ? Optional.NONE : Optional.of(format);
}

export const FORMAT_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  "format.named": [global("format-named", [STRING], optionalOf(FORMAT), named)],
  validate: [member("format-validate", [FORMAT, STRING], optionalOf(LIST_OF_STRING), validate)],
  ...Object.fromEntries(
    [...FORMATS].map(([name, format]) => [`format.${name}`, [global(`format.${name}`, [], FORMAT, () => format)]]),
  ),
};
