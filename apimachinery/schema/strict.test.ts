import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import { parseJsonStrict, parseYaml } from "./strict.ts";

function refusal(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof HoldfastError);
    assert.equal(error.code, "SCHEMA_BODY_INVALID");
    return error.message;
  }
  return "accepted";
}

test("parseJsonStrict() names repeated keys as the recordings do, and lets the last value hold", () => {
  const text =
    '{"apiVersion":"fence.example.io/v1","kind":"Post","metadata":{"name":"a","name":"a"},"spec":{"n":1,"n":2,"zz":1,"m":{"k":"1","k":"2"},"list":[{"a":1,"a":2}]}}';
  assert.deepEqual(parseJsonStrict(text), {
    value: {
      apiVersion: "fence.example.io/v1",
      kind: "Post",
      metadata: { name: "a" },
      spec: { n: 2, zz: 1, m: { k: "2" }, list: [{ a: 2 }] },
    },
    duplicates: [
      'duplicate field "metadata.name"',
      'duplicate field "spec.n"',
      'duplicate field "spec.m.k"',
      'duplicate field "spec.list[0].a"',
    ],
  });
});

test("parseJsonStrict() is not misled by what stands in strings, nor by keys written differently", () => {
  const tricky = '{"a:{\\"":"x\\\\","b":[":","{\\"b\\":1}",{"b":"]"}],"c":{}}';
  assert.deepEqual(parseJsonStrict(tricky).duplicates, []);
  assert.deepEqual(parseJsonStrict('{"a":1,"\\u0061":2}').duplicates, ['duplicate field "a"']);
  assert.deepEqual(parseJsonStrict('[{"a":1},{"a":1},{"b":{"a":1},"a":2,"a":3,"a":4}]').duplicates, [
    'duplicate field "[2].a"',
  ]);
});

test("parseJsonStrict() keeps `__proto__` as data and sees it repeated", () => {
  const { value, duplicates } = parseJsonStrict('{"__proto__":1,"__proto__":{"x":2}}');
  assert.equal(JSON.stringify(value), '{"__proto__":{"x":2}}');
  assert.deepEqual(duplicates, ['duplicate field "__proto__"']);
});

test("parseJsonStrict() reports a hundred repetitions at most", () => {
  const members = Array.from({ length: 500 }, (_, i) => `"k${i}":1,"k${i}":2`).join(",");
  assert.equal(parseJsonStrict(`{${members}}`).duplicates.length, 100);
});

const MALFORMED: readonly (readonly [string, string])[] = [
  ['{"apiVersion": ', "unexpected end of JSON input"],
  ["", "unexpected end of JSON input"],
  ['{"a":1} tail', "invalid character 't' after top-level value"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ["{a:1}", "invalid character 'a' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["[1,]", "invalid character ']' looking for beginning of value"],
  ["[1 2]", "invalid character '2' after array element"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ["nul ", "invalid character ' ' in literal null (expecting 'l')"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ["-x", "invalid character 'x' in numeric literal"],
  ["1.x", "invalid character 'x' after decimal point in numeric literal"],
  ["1e+x", "invalid character 'x' in exponent of numeric literal"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ["ä", "invalid character 'Ã' looking for beginning of value"],
  [`${"[".repeat(10_001)}`, "exceeded max depth"],
];

for (const [text, message] of MALFORMED) {
  test(`parseJsonStrict() refuses ${JSON.stringify(text.slice(0, 20))} in the decoder's words`, () => {
    assert.equal(
      refusal(() => parseJsonStrict(text)),
      message,
    );
  });
}

test("parseJsonStrict() accepts ten thousand levels, and refuses more without reading on", () => {
  assert.deepEqual(parseJsonStrict(`${"[".repeat(10_000)}${"]".repeat(10_000)}`).duplicates, []);
  const begin = performance.now();
  assert.equal(
    refusal(() => parseJsonStrict("[".repeat(10_000_000))),
    "exceeded max depth",
  );
  assert.ok(performance.now() - begin < 500);
});

test("parseJsonStrict() reads more than 50 MB a second when nothing is repeated", () => {
  const items = Array.from({ length: 10_000 }, (_, i) => ({
    metadata: { name: `pod-${i}`, labels: { app: "web", quote: 'a"b' } },
    spec: { containers: [{ name: "c", image: "registry/x:1", args: ["a", "b"], ports: [{ containerPort: 80 }] }] },
  }));
  const text = JSON.stringify({ items });
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const begin = performance.now();
    parseJsonStrict(text);
    best = Math.max(best, text.length / 1_000 / (performance.now() - begin));
  }
  assert.ok(best > 50, `${best.toFixed(0)} MB/s`);
});

test("parseYaml() reads YAML 1.1: a bare n is the key false, and repetitions are told by line", () => {
  const text =
    'apiVersion: fence.example.io/v1\nkind: Post\nmetadata:\n  name: a\nspec:\n  n: 1\n  n: 2\n  zz: 3\n  m: {k: "1", k: "2"}\n';
  assert.deepEqual(parseYaml(text), {
    value: {
      apiVersion: "fence.example.io/v1",
      kind: "Post",
      metadata: { name: "a" },
      spec: { false: 2, zz: 3, m: { k: "2" } },
    },
    duplicates: ["line 7: key false already set in map", 'line 9: key "k" already set in map'],
  });
});

test("parseYaml() resolves scalars as kubectl does", () => {
  const text = [
    "hex: 0x10",
    "octal: 012",
    "octal2: 0o17",
    "binary: -0b11",
    "under: 1_000",
    "plus: +5",
    "float: .5",
    "exponent: 1e3",
    "clock: 12:30",
    "day: 2024-01-01",
    "yes: yes",
    "off: 'off'",
    "none: ~",
    "empty:",
    "text: !!str 5",
    "block: |",
    "  x",
    "  y",
    "",
  ].join("\n");
  assert.deepEqual(parseYaml(text).value, {
    hex: 16,
    octal: 10,
    octal2: 15,
    binary: -3,
    under: 1000,
    plus: 5,
    float: 0.5,
    exponent: 1000,
    clock: "12:30",
    day: "2024-01-01",
    true: true,
    false: "off",
    none: null,
    empty: null,
    text: "5",
    block: "x\ny\n",
  });
});

test("parseYaml() reads JSON, the first of several documents, and nothing as null", () => {
  assert.deepEqual(parseYaml('{"a":{"b":[1,"x",null]}}').value, { a: { b: [1, "x", null] } });
  assert.deepEqual(parseYaml("a: 1\n---\na: 2\n").value, { a: 1 });
  assert.equal(parseYaml("").value, null);
});

test("parseYaml() follows anchors and merges", () => {
  const text = "base: &b {x: 1, w: 2}\nderived:\n  <<: *b\n  z: 3\nlist: [*b]\n";
  assert.deepEqual(parseYaml(text).value, {
    base: { x: 1, w: 2 },
    derived: { x: 1, w: 2, z: 3 },
    list: [{ x: 1, w: 2 }],
  });
});

test("parseYaml() refuses bombs, cycles, unknown anchors, and what JSON does not know", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (const [i, key] of [..."bcdefgh"].entries()) {
    const previous = "abcdefg"[i];
    bomb.push(`${key}: &${key} [${Array.from({ length: 9 }, () => `*${previous}`).join(",")}]`);
  }
  assert.equal(
    refusal(() => parseYaml(bomb.join("\n"))),
    "yaml: document contains excessive aliasing",
  );
  assert.equal(
    refusal(() => parseYaml("a: &a [*a]")),
    "yaml: anchor 'a' value contains itself",
  );
  assert.equal(
    refusal(() => parseYaml("a: *x")),
    "yaml: unknown anchor 'x' referenced",
  );
  assert.equal(
    refusal(() => parseYaml("a: .nan")),
    "json: unsupported value: .nan",
  );
  assert.equal(
    refusal(() => parseYaml("? [a]\n: b")),
    'yaml: unsupported map key: ["a"]',
  );
  assert.match(
    refusal(() => parseYaml("a: [1\nb: 2")),
    /^yaml: line \d+: /,
  );
});

test("parseYaml() refuses deep nesting without overflowing, and keeps `__proto__` as data", () => {
  assert.equal(
    refusal(() => parseYaml("[".repeat(100_000))),
    "yaml: exceeded max depth of 10000",
  );
  assert.equal(JSON.stringify(parseYaml("__proto__: {a: 1}").value), '{"__proto__":{"a":1}}');
});
