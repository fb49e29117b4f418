import assert from "node:assert/strict";
import { test } from "node:test";
import { libyamlText } from "./libyaml-text.ts";

test("an unclosed sequence is told in libyaml's words and lines", () => {
  const text = "yaml: line 2: flow sequence in block collection must be sufficiently indented and end with a ]";
  assert.equal(libyamlText(text), "yaml: line 1: did not find expected ',' or ']'");
});

test("other texts stay as they are", () => {
  assert.equal(libyamlText("yaml: exceeded max depth of 10000"), "yaml: exceeded max depth of 10000");
  assert.equal(libyamlText("yaml: line 3: something new"), "yaml: line 3: something new");
});
