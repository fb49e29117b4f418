import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkBase64 } from "./base64.ts";

test("the first wrong byte is named as Go names it", () => {
  assert.deepEqual(checkBase64("***"), { errorAt: 0 });
  assert.deepEqual(checkBase64("not base64"), { errorAt: 3 });
  assert.deepEqual(checkBase64("YWJ"), { errorAt: 0 });
  assert.deepEqual(checkBase64("YWJjZ"), { errorAt: 4 });
  assert.deepEqual(checkBase64("YQ=x"), { errorAt: 2 });
  assert.deepEqual(checkBase64("YQ==YQ=="), { errorAt: 4 });
});

test("line breaks are skipped", () => {
  assert.deepEqual(checkBase64("YW\r\nJj\n"), { text: "YWJj" });
});

test("whatever is encoded is accepted as it is", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = btoa(String.fromCharCode(...bytes));
      assert.deepEqual(checkBase64(text), { text });
    }),
  );
});
