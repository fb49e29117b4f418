// Semantic versions: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library
// Grammar and complaints are those of github.com/blang/semver.

import { goQuote } from "../../meta/field-error.ts";
import { BOOL, INT, opaqueType, STRING } from "../language/cel-types.ts";
import { type CelError, celError, Opaque } from "../language/cel-values.ts";
import { global, member, type Overload } from "../language/function-table.ts";

const SEMVER = opaqueType("kubernetes.Semver");

class Semver extends Opaque {
  readonly celType = SEMVER;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }
  equals(other: unknown): boolean {
    return other instanceof Semver && compareVersions(this, other) === 0;
  }
}

function compareVersions(a: Semver, b: Semver): number {
  for (let i = 0; i < 3; i++) {
    const [x, y] = [a.numbers[i] as bigint, b.numbers[i] as bigint];
    if (x !== y) return x < y ? -1 : 1;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Math.sign(b.prerelease.length - a.prerelease.length);
  }
  for (let i = 0; i < Math.min(a.prerelease.length, b.prerelease.length); i++) {
    const order = compareParts(a.prerelease[i] as string, b.prerelease[i] as string);
    if (order !== 0) return order;
  }
  return Math.sign(a.prerelease.length - b.prerelease.length);
}

/** Numbers come before words. */
function compareParts(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  if (isNumberA) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

const MAX_LENGTH = 10_000;

function parse(text: string): Semver | CelError {
  if (text === "") return celError("Version string empty");
  if (text.length > MAX_LENGTH) return celError("No Major.Minor.Patch elements found");
  const first = text.indexOf(".");
  const second = first < 0 ? -1 : text.indexOf(".", first + 1);
  if (second < 0) return celError("No Major.Minor.Patch elements found");
  const rest = text.slice(second + 1);
  const plus = rest.indexOf("+");
  const withoutBuild = plus < 0 ? rest : rest.slice(0, plus);
  const dash = withoutBuild.indexOf("-");
  const parts: [string, string][] = [
    ["Major", text.slice(0, first)],
    ["Minor", text.slice(first + 1, second)],
    ["Patch", dash < 0 ? withoutBuild : withoutBuild.slice(0, dash)],
  ];
  for (const [name, part] of parts) {
    const quoted = goQuote(part);
    if (!/^[0-9]+$/.test(part) && (part !== "" || name === "Patch")) {
      return celError(`Invalid character(s) found in ${name.toLowerCase()} number ${quoted}`);
    }
    if (part.length > 1 && part.startsWith("0")) {
      return celError(`${name} number must not contain leading zeroes ${quoted}`);
    }
    if (part === "" || BigInt(part) >= 1n << 64n)
      return celError(`strconv.ParseUint: parsing ${quoted}: ${part === "" ? "invalid syntax" : "value out of range"}`);
  }
  const prerelease = dash < 0 ? [] : withoutBuild.slice(dash + 1).split(".");
  const build = plus < 0 ? [] : rest.slice(plus + 1).split(".");
  const complaint = prereleaseComplaint(prerelease) ?? buildComplaint(build);
  if (complaint !== undefined) return celError(complaint);
  const numbers = parts.map(([, part]) => BigInt(part)) as [bigint, bigint, bigint];
  return new Semver(numbers, prerelease);
}

function prereleaseComplaint(parts: readonly string[]): string | undefined {
  for (const part of parts) {
    if (part === "") return "Prerelease is empty";
    if (/^\d+$/.test(part)) {
      if (part.length > 1 && part.startsWith("0")) {
        return `Numeric PreRelease version must not contain leading zeroes ${goQuote(part)}`;
      }
    } else if (!/^[0-9A-Za-z-]+$/.test(part)) return `Invalid character(s) found in prerelease ${goQuote(part)}`;
  }
  return undefined;
}

function buildComplaint(parts: readonly string[]): string | undefined {
  for (const part of parts) {
    if (part === "") return "Build meta data is empty";
    if (!/^[0-9A-Za-z-]+$/.test(part)) return `Invalid character(s) found in build meta data ${goQuote(part)}`;
  }
  return undefined;
}

/** Forgives a leading `v`, missing parts and leading zeros. */
function parseNormalized(text: string): Semver | CelError {
  const bare = text.startsWith("v") ? text.slice(1) : text;
  const pieces = bare.split(".");
  const parts = pieces.length > 3 ? [pieces[0], pieces[1], pieces.slice(2).join(".")] : pieces;
  const trimmed = (parts as string[]).map((part) => {
    if (part.length <= 1) return part;
    const rest = part.replace(/^0+/, "");
    return /^[0-9]/.test(rest) ? rest : `0${rest}`;
  });
  if (trimmed.length < 3 && /[+-]/.test(trimmed[trimmed.length - 1] as string)) {
    return celError("short version cannot contain PreRelease/Build meta data");
  }
  while (trimmed.length < 3) trimmed.push("0");
  return parse(trimmed.join("."));
}

const read = (text: string, normalize = false): Semver | CelError => (normalize ? parseNormalized(text) : parse(text));

function part(name: string, index: 0 | 1 | 2): readonly Overload[] {
  return [member(`semver_${name}`, [SEMVER], INT, (version: Semver) => BigInt.asIntN(64, version.numbers[index]))];
}

export const SEMVER_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  semver: [
    global("string_to_semver", [STRING], SEMVER, (text: string) => read(text)),
    global("string_bool_to_semver", [STRING, BOOL], SEMVER, read),
  ],
  isSemver: [
    global("is_semver_string", [STRING], BOOL, (text: string) => read(text) instanceof Semver),
    global(
      "is_semver_string_bool",
      [STRING, BOOL],
      BOOL,
      (text: string, n: boolean) => read(text, n) instanceof Semver,
    ),
  ],
  isGreaterThan: [
    member("semver_is_greater_than", [SEMVER, SEMVER], BOOL, (a: Semver, b: Semver) => compareVersions(a, b) > 0),
  ],
  isLessThan: [
    member("semver_is_less_than", [SEMVER, SEMVER], BOOL, (a: Semver, b: Semver) => compareVersions(a, b) < 0),
  ],
  compareTo: [
    member("semver_compare_to", [SEMVER, SEMVER], INT, (a: Semver, b: Semver) => BigInt(compareVersions(a, b))),
  ],
  major: part("major", 0),
  minor: part("minor", 1),
  patch: part("patch", 2),
};
