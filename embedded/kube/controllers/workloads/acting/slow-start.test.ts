import assert from "node:assert/strict";
import { test } from "node:test";
import { slowStart } from "./slow-start.ts";

test("slowStart() does everything when nothing fails", async () => {
  const seen: number[] = [];
  const outcome = await slowStart(10, async (i) => void seen.push(i));
  assert.deepEqual(outcome, { done: 10, error: undefined });
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test("slowStart() tries once where everything fails, and ends with the batch in which something fails", async () => {
  let tried = 0;
  const refused = new Error("refused");
  const first = await slowStart(100, async () => {
    tried++;
    throw refused;
  });
  assert.deepEqual(first, { done: 0, error: refused });
  assert.equal(tried, 1);
  const later = await slowStart(100, async (i) => {
    if (i === 5) throw refused;
  });
  // Batches of 1, 2 and 4: the third holds the sixth, and the other three of it were under way.
  assert.deepEqual(later, { done: 6, error: refused });
});
