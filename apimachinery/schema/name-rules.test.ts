import assert from "node:assert/strict";
import { test } from "node:test";
import {
  byteLength,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  type NameRule,
  pathSegment,
  qualifiedName,
  ruleForPrefix,
} from "./name-rules.ts";

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const DNS1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const DNS1123 =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const CASES: readonly (readonly [string, NameRule, string, readonly string[]])[] = [
  ["subdomain", dns1123Subdomain, "a.b-c.d1", []],
  ["subdomain", dns1123Subdomain, "North", [SUBDOMAIN]],
  ["subdomain", dns1123Subdomain, "..", [SUBDOMAIN]],
  ["subdomain", dns1123Subdomain, "a".repeat(254), ["must be no more than 253 characters"]],
  ["label", dns1123Label, "a-b", []],
  ["label", dns1123Label, "a.b", ["must not contain dots"]],
  ["label", dns1123Label, "-a", [DNS1123]],
  ["label", dns1123Label, "A".repeat(64), ["must be no more than 63 characters", DNS1123]],
  ["1035 label", dns1035Label, "a1", []],
  ["1035 label", dns1035Label, "1a", [DNS1035]],
  ["1035 label", dns1035Label, "", [DNS1035]],
  ["qualified name", qualifiedName, "a.b/c_d.e-f", []],
  ["qualified name", qualifiedName, "a b", [NAME_PART]],
  ["qualified name", qualifiedName, "A.b/c", [`prefix part ${SUBDOMAIN}`]],
  ["qualified name", qualifiedName, "", ["name part must be non-empty", NAME_PART]],
  ["qualified name", qualifiedName, "/a", ["prefix part must be non-empty"]],
  ["qualified name", qualifiedName, "a/", ["name part must be non-empty", NAME_PART]],
  ["qualified name", qualifiedName, "x".repeat(64), ["name part must be no more than 63 bytes"]],
  ["qualified name", qualifiedName, `${"x".repeat(254)}/a`, ["prefix part must be no more than 253 bytes"]],
  [
    "qualified name",
    qualifiedName,
    "a/b/c",
    [
      `a valid label key ${NAME_PART.slice("name part ".length)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ],
  ],
  ["label value", labelValue, "", []],
  ["label value", labelValue, "A_b.c-D", []],
  ["label value", labelValue, "b c", [LABEL]],
  ["label value", labelValue, "b-", [LABEL]],
  ["label value", labelValue, "x".repeat(64), ["must be no more than 63 bytes"]],
  ["path segment", pathSegment, ".", ["may not be '.'"]],
  ["path segment", pathSegment, "a/b%", ["may not contain '/'", "may not contain '%'"]],
  ["path segment", pathSegment, "", []],
  ["prefix of a subdomain", ruleForPrefix(dns1123Subdomain), "gen-", []],
  ["prefix of a subdomain", ruleForPrefix(dns1123Subdomain), "Gen_", [SUBDOMAIN]],
  ["prefix of a path segment", ruleForPrefix(pathSegment), ".", []],
];

for (const [what, rule, value, expected] of CASES) {
  test(`the rule for a ${what} says of ${JSON.stringify(value.slice(0, 20))} what the original says`, () => {
    assert.deepEqual(rule(value), expected);
  });
}

test("byteLength() counts bytes of UTF-8, three for half a surrogate pair", () => {
  assert.equal(byteLength("aä€🌳"), 10);
  assert.equal(byteLength("\ud83c"), 3);
});

test("the rules answer names of a megabyte at once", () => {
  const begin = performance.now();
  for (const text of ["a", "-", "a.", "a-", "/"].map((part) => part.repeat(1_000_000 / part.length))) {
    for (const rule of [dns1123Label, dns1123Subdomain, dns1035Label, qualifiedName, labelValue, pathSegment])
      rule(text);
  }
  assert.ok(performance.now() - begin < 3_000);
});
