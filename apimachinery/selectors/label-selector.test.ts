import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../meta/status-error.ts";
import { fromLabelSelectorObject, parseLabelSelector } from "./label-selector.ts";

const NAME =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** From the recordings lists-a (1.37) and list-a (1.34). */
const refused: [text: string, message: string][] = [
  ["env=prod,", "found '', expected: identifier after ','"],
  [",env=prod", "found ',', expected: !, identifier, or 'end of string'"],
  ["env=prod tier=x", "found 'tier', expected: ',' or 'end of string'"],
  ["env in prod", "unable to parse requirement: found 'prod' expected: '('"],
  ["env in (prod", "unable to parse requirement: found '', expected: ',' or ')'"],
  ["env=pr od", "found 'od', expected: ',' or 'end of string'"],
  ["env=pr/od", `unable to parse requirement: values[0][env]: Invalid value: "pr/od": ${VALUE}`],
  ["ENV!", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
  ["=prod", "found '=', expected: !, identifier, or 'end of string'"],
  [
    "a/b/c=d",
    `unable to parse requirement: <nil>: Invalid value: "a/b/c": a valid label key ${NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
  ],
  [
    `env=${"x".repeat(64)}`,
    `unable to parse requirement: values[0][env]: Invalid value: "${"x".repeat(64)}": must be no more than 63 bytes`,
  ],
  ["env===prod", "unable to parse requirement: found '=', expected: identifier"],
  ["!", "unable to parse requirement: found '', expected: identifier"],
  [
    "env>abc",
    `unable to parse requirement: values[0]: Invalid value: "abc": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ["-a=b", `unable to parse requirement: <nil>: Invalid value: "-a": name part ${NAME}`],
  ["a=b=c", "found '=', expected: ',' or 'end of string'"],
  ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ["a in", "unable to parse requirement: found '' expected: '('"],
  ["a in (b=)", "unable to parse requirement: found '=', expected: ',' or ')'"],
  ["a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
  ["a in (x,,)", "unable to parse requirement: found ')', expected: ',', or identifier"],
  ["!a=b", "found '=', expected: ',' or 'end of string'"],
];

const matching: [text: string, labels: Record<string, string>, matches: boolean][] = [
  ["", {}, true],
  ["tier=back", { tier: "back" }, true],
  ["tier==back", { tier: "front" }, false],
  ["tier!=back", {}, true],
  ["tier!=back,env", { env: "" }, true],
  ["env in (prod,test),tier notin (front),!extra", { env: "test", tier: "back" }, true],
  ["env in (prod,test)", {}, false],
  ["tier notin (front)", {}, true],
  ["!extra", { extra: "" }, false],
  ["extra=", { extra: "" }, true],
  ["extra in ()", { extra: "" }, true],
  ["a in (x,,y)", { a: "" }, true],
  ["a in (,)", { a: "" }, true],
  ["in in (in,notin)", { in: "notin" }, true],
  ["n>5", { n: "6" }, true],
  ["n<5", { n: "5" }, false],
  ["n>5", { n: "x" }, false],
  ["n>5", {}, false],
  ["n>9223372036854775806", { n: "9223372036854775807" }, true],
  ["n<1", { n: "99999999999999999999" }, false],
  [" a \t=\n b ", { a: "b" }, true],
  ["example.com/x=1", { "example.com/x": "1" }, true],
  ["toString", {}, false],
];

function messageOf(text: string): string {
  try {
    parseLabelSelector(text);
  } catch (error) {
    assert.ok(error instanceof StatusError && error.httpCode === 400, String(error));
    return error.message;
  }
  return "parsed";
}

describe("parseLabelSelector()", () => {
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => assert.equal(messageOf(text), message));
  }

  for (const [text, labels, matches] of matching) {
    it(`${matches ? "matches" : "does not match"} ${JSON.stringify(labels)} by ${JSON.stringify(text)}`, () => {
      assert.equal(parseLabelSelector(text).matches(labels), matches);
    });
  }

  it("knows whether it selects everything, and sorts by key", () => {
    assert.equal(parseLabelSelector("").isEmpty, true);
    assert.deepEqual(
      parseLabelSelector("b,a=1,!c").requirements.map((r) => r.key),
      ["a", "b", "c"],
    );
    assert.deepEqual(parseLabelSelector("a in (y,x,y)").requirements[0]?.values, ["x", "y"]);
  });

  it("answers hostile texts quickly", () => {
    const texts = [
      "a".repeat(1_000_000),
      `${"a.".repeat(500_000)}/x`,
      "(".repeat(500_000),
      "a in (".repeat(100_000),
      `a in (${"x,".repeat(300_000)}y)`,
      "\u0000=",
      `${"-a".repeat(300_000)}=1`,
    ];
    const started = performance.now();
    for (const text of texts) messageOf(text);
    assert.ok(performance.now() - started < 2000);
  });

  it("never fails with anything but a 400", () => {
    const part = fc.constantFrom("a", "b", "=", "==", "!=", "!", "in", "notin", "(", ")", ",", " ", ">", "1", "/", "-");
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join("")),
        (text) => assert.equal(typeof messageOf(text), "string"),
      ),
    );
  });

  it("matches as each requirement by itself does", () => {
    const keys = fc.constantFrom("a", "b", "c");
    const values: fc.Arbitrary<string> = fc.constantFrom("1", "2", "");
    const listed: fc.Arbitrary<string> = fc.constantFrom("1", "2", "3");
    const labels = fc.dictionary(keys, values);
    const requirement = fc.oneof(
      fc.tuple(keys, values).map(([k, v]) => ({ text: `${k}=${v}`, test: (l: Record<string, string>) => l[k] === v })),
      fc.tuple(keys, values).map(([k, v]) => ({ text: `${k}!=${v}`, test: (l: Record<string, string>) => l[k] !== v })),
      fc.tuple(keys, fc.array(listed, { minLength: 1 })).map(([k, v]) => ({
        text: `${k} in (${v.join(",")})`,
        test: (l: Record<string, string>) => l[k] !== undefined && v.includes(l[k]),
      })),
      fc.tuple(keys, fc.array(listed, { minLength: 1 })).map(([k, v]) => ({
        text: `${k} notin (${v.join(",")})`,
        test: (l: Record<string, string>) => l[k] === undefined || !v.includes(l[k]),
      })),
      keys.map((k) => ({ text: k, test: (l: Record<string, string>) => l[k] !== undefined })),
      keys.map((k) => ({ text: `!${k}`, test: (l: Record<string, string>) => l[k] === undefined })),
    );
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), labels, (requirements, set) => {
        const selector = parseLabelSelector(requirements.map((r) => r.text).join(","));
        assert.equal(
          selector.matches(set),
          requirements.every((r) => r.test(set)),
        );
      }),
    );
  });
});

describe("fromLabelSelectorObject()", () => {
  it("selects nothing without a selector and everything with an empty one", () => {
    assert.equal(fromLabelSelectorObject(undefined).matches({ a: "1" }), false);
    assert.equal(fromLabelSelectorObject(null).isEmpty, false);
    assert.equal(fromLabelSelectorObject({}).matches({ a: "1" }), true);
  });

  it("joins labels and expressions", () => {
    const selector = fromLabelSelectorObject({
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "In", values: ["a", "b"] },
        { key: "env", operator: "NotIn", values: ["dev"] },
        { key: "x", operator: "Exists" },
        { key: "y", operator: "DoesNotExist" },
      ],
    });
    assert.equal(selector.matches({ app: "web", tier: "b", x: "" }), true);
    assert.equal(selector.matches({ app: "web", tier: "b", x: "", y: "" }), false);
    assert.equal(selector.matches({ app: "web", tier: "b", x: "", env: "dev" }), false);
  });

  it("refuses what is no selector", () => {
    const refused: [object: Parameters<typeof fromLabelSelectorObject>[0], message: string][] = [
      [{ matchExpressions: [{ key: "a", operator: "Is" }] }, '"Is" is not a valid label selector operator'],
      [{ matchExpressions: [{ key: "a", operator: "toString" }] }, '"toString" is not a valid label selector operator'],
      [
        { matchExpressions: [{ key: "a", operator: "In", values: [] }] },
        "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
      ],
      [
        { matchExpressions: [{ key: "a", operator: "Exists", values: ["x"] }] },
        'values: Invalid value: ["x"]: values set must be empty for exists and does not exist',
      ],
      [{ matchLabels: { "": "x" } }, `key: Invalid value: "": name part must be non-empty; name part ${NAME}`],
    ];
    for (const [object, message] of refused) assert.throws(() => fromLabelSelectorObject(object), { message });
  });
});
