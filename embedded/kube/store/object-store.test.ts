import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import fc from "fast-check";
import { type Committed, ObjectStore, type StoreEvent } from "./object-store.ts";
import type { Stored } from "./stored.ts";

const BUCKET = "configmaps";

function temporaryDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "holdfast-objects-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function configMap(name: string, value: string): KubeObject {
  return { kind: "ConfigMap", apiVersion: "v1", metadata: { name }, data: { value } } as unknown as KubeObject;
}

function put(store: ObjectStore, key: string, value: string, bucket = BUCKET): Promise<Committed> {
  return store.commit({ bucket, key, next: configMap(key, value), expected: store.latest(bucket, key) });
}

function remove(store: ObjectStore, key: string): Promise<Committed> {
  return store.commit({ bucket: BUCKET, key, next: undefined, expected: store.latest(BUCKET, key) });
}

/** All that a restart must bring back. */
function stateOf(store: ObjectStore, buckets: readonly string[] = [BUCKET]): unknown {
  return buckets.map((name) =>
    [...store.bucket(name).range("")].map(([key, s]) => [key, s.revision, s.createRevision, s.json]),
  );
}

test("a committed state carries its revision and is visible to readers", async () => {
  const store = await ObjectStore.open(undefined);
  const committed = await put(store, "a", "1");
  assert.ok(committed.ok);
  assert.equal(
    committed.stored.json,
    '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"1"},"data":{"value":"1"}}',
  );
  assert.equal(store.bucket(BUCKET).get("a"), committed.stored);
  assert.equal(store.revision, 1);
});

test("a change is not visible, neither to readers nor to watchers, before it is on disk", async (t) => {
  const store = await ObjectStore.open({ dir: temporaryDirectory(t) });
  t.after(() => store.close());
  const events: StoreEvent[] = [];
  store.subscribe(BUCKET, (event) => events.push(event));
  const committing = put(store, "a", "1");
  assert.equal(store.bucket(BUCKET).get("a"), undefined);
  assert.equal(store.latest(BUCKET, "a")?.revision, 1);
  assert.equal(store.revision, 0);
  assert.deepEqual(events, []);
  await committing;
  assert.equal(store.bucket(BUCKET).get("a")?.revision, 1);
  assert.equal(events.length, 1);
});

test("of two changes that stand on the same state one wins, and the loser is told the winner's", async (t) => {
  const store = await ObjectStore.open({ dir: temporaryDirectory(t) });
  t.after(() => store.close());
  const created = await put(store, "a", "0");
  assert.ok(created.ok);
  const expected = created.stored;
  const [first, second, third] = await Promise.all([
    store.commit({ bucket: BUCKET, key: "a", next: configMap("a", "1"), expected }),
    store.commit({ bucket: BUCKET, key: "a", next: configMap("a", "2"), expected }),
    store.commit({ bucket: BUCKET, key: "a", next: undefined, expected: undefined }),
  ]);
  assert.ok(first.ok);
  assert.deepEqual(second, { ok: false, current: first.stored });
  assert.deepEqual(third, { ok: false, current: first.stored });
  assert.equal(store.revision, 2);
});

test("a change refused for its size leaves the one before it, still on its way, the latest", async (t) => {
  const store = await ObjectStore.open({ dir: temporaryDirectory(t) });
  t.after(() => store.close());
  const first = put(store, "a", "1");
  const onItsWay = store.latest(BUCKET, "a");
  await assert.rejects(put(store, "a", "x".repeat(17 * 1024 * 1024)), { code: "STORE_RECORD_TOO_LARGE" });
  assert.equal(store.latest(BUCKET, "a"), onItsWay);
  // Nobody may decide on the state before the first change.
  const stale = await store.commit({ bucket: BUCKET, key: "a", next: configMap("a", "2"), expected: undefined });
  assert.deepEqual(stale, { ok: false, current: onItsWay });
  assert.ok((await first).ok);
  assert.equal(store.bucket(BUCKET).get("a")?.revision, 1);
  assert.ok((await put(store, "a", "3")).ok);
});

test("a closed store refuses a change and keeps its state", async (t) => {
  const dir = temporaryDirectory(t);
  const store = await ObjectStore.open({ dir });
  await put(store, "a", "1");
  await store.close();
  const before = stateOf(store);
  await assert.rejects(put(store, "a", "2"), { code: "STORE_CLOSED" });
  await assert.rejects(put(store, "b", "2"), { code: "STORE_CLOSED" });
  assert.deepEqual(stateOf(store), before);
  assert.equal(store.latest(BUCKET, "b"), undefined);
  assert.equal(store.latest(BUCKET, "a"), store.bucket(BUCKET).get("a"));
});

test("snapshots keep the directory small, and a start after them finds state, ages and revision", async (t) => {
  const dir = temporaryDirectory(t);
  const store = await ObjectStore.open({ dir, segmentBytes: 4_000 });
  await put(store, "old", "first");
  for (let round = 0; round < 40; round++) {
    await Promise.all(["a", "b", "c"].map((key) => put(store, key, `${key}${round}`)));
    await remove(store, "b");
  }
  await put(store, "old", "changed");
  await put(store, "gone", "x");
  await remove(store, "gone");
  const before = stateOf(store);
  assert.equal(store.revision, 164);
  await store.close();
  const numbers = readdirSync(dir).flatMap((name) => (name.startsWith("segment-") ? [Number(name.slice(8))] : []));
  assert.ok(numbers.length <= 2 && Math.min(...numbers) > 1, readdirSync(dir).join(" "));
  const again = await ObjectStore.open({ dir });
  t.after(() => again.close());
  assert.deepEqual(stateOf(again), before);
  assert.equal(again.bucket(BUCKET).get("old")?.createRevision, 1);
  // The newest revision was a deletion: it is not handed out again.
  assert.equal(again.revision, 164);
  const next = await put(again, "a", "after");
  assert.ok(next.ok && next.stored.revision === 165);
});

test("events from before a restart are not known, and are said not to be", async (t) => {
  const dir = temporaryDirectory(t);
  const store = await ObjectStore.open({ dir });
  await put(store, "a", "1");
  await put(store, "a", "2");
  assert.deepEqual(
    store.eventsSince(BUCKET, 1)?.map((e) => [e.type, e.revision]),
    [["MODIFIED", 2]],
  );
  await store.close();
  const again = await ObjectStore.open({ dir });
  t.after(() => again.close());
  assert.equal(again.eventsSince(BUCKET, 1), undefined);
  assert.deepEqual(again.eventsSince(BUCKET, 2), []);
});

test("history is bounded, and what fell out of it is not passed over in silence", async () => {
  const store = await ObjectStore.open(undefined);
  for (let i = 0; i < 15_001; i++) await put(store, "a", String(i));
  assert.equal(store.eventsSince(BUCKET, 5_000), undefined);
  const events = store.eventsSince(BUCKET, 5_001) as StoreEvent[];
  assert.equal(events.length, 10_000);
  assert.equal(events[0]?.revision, 5_002);
});

test("hostile keys are plain keys", async (t) => {
  const dir = temporaryDirectory(t);
  const store = await ObjectStore.open({ dir });
  const keys = ["__proto__", "constructor", "a\nb", 'quo"te', "ünï"].sort();
  for (const key of keys) await put(store, key, "1", "__proto__");
  const before = stateOf(store, ["__proto__"]);
  await store.close();
  const again = await ObjectStore.open({ dir });
  t.after(() => again.close());
  assert.deepEqual(stateOf(again, ["__proto__"]), before);
  assert.deepEqual(
    [...again.bucket("__proto__").range("")].map(([key]) => key),
    keys,
  );
});

// Random histories: every step is one commit; those of a round are asked for at once, some standing on a state that is no longer
// the latest. Whoever lists at any moment and then follows the events must arrive at the store's own state.

interface Step {
  readonly bucket: string;
  readonly key: string;
  readonly remove: boolean;
  /** Stands on what readers saw, not on the latest: loses when a change is on its way. */
  readonly stale: boolean;
  readonly value: number;
}

const BUCKETS = ["configmaps", "secrets"];
const step: fc.Arbitrary<Step> = fc.record({
  bucket: fc.constantFrom(...BUCKETS),
  key: fc.constantFrom("one/a", "one/b", "two/a"),
  remove: fc.boolean(),
  stale: fc.boolean(),
  value: fc.nat(99),
});

class Follower {
  readonly seen: StoreEvent[] = [];
  readonly state = new Map<string, Stored>();
  readonly #buckets: readonly string[];
  readonly stop: () => void;

  constructor(store: ObjectStore, buckets: readonly string[], bucket: string | undefined) {
    this.#buckets = buckets;
    for (const name of buckets)
      for (const [key, s] of store.bucket(name).range("")) this.state.set(`${name} ${key}`, s);
    this.stop = store.subscribe(bucket, (event) => this.#follow(event));
  }

  #follow(event: StoreEvent): void {
    assert.ok(this.#buckets.includes(event.bucket));
    const name = event.stored.object.metadata.name as string;
    const key = `${event.bucket} ${name}`;
    assert.equal(event.previous, this.state.get(key));
    assert.equal(event.stored.object.metadata.resourceVersion, String(event.revision));
    const type = event.previous === undefined ? "ADDED" : "MODIFIED";
    assert.equal(event.type, event.type === "DELETED" ? "DELETED" : type);
    if (event.type === "DELETED") this.state.delete(key);
    else this.state.set(key, event.stored);
    this.seen.push(event);
  }
}

function commitStep(store: ObjectStore, { bucket, key, remove, stale, value }: Step): Promise<Committed> | undefined {
  const expected = stale ? store.bucket(bucket).get(key) : store.latest(bucket, key);
  if (remove && expected === undefined) return undefined;
  return store.commit({ bucket, key, next: remove ? undefined : configMap(key, String(value)), expected });
}

test("list and watch equal the store, each change is seen once in order, and a restart brings the same state", async (t) => {
  const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rounds, fc.constantFrom(200, 2_000, 1_000_000), async (history, segmentBytes) => {
      const dir = temporaryDirectory(t);
      const store = await ObjectStore.open({ dir, segmentBytes });
      const followers: { follower: Follower; from: number; buckets: readonly string[] }[] = [];
      const won: number[] = [];
      for (const round of history) {
        const bucket = followers.length % 2 === 0 ? undefined : (BUCKETS[0] as string);
        const buckets = bucket === undefined ? BUCKETS : [bucket];
        // A follower joins while the changes of the round are on their way.
        const asked = round.flatMap((s) => commitStep(store, s) ?? []);
        followers.push({ follower: new Follower(store, buckets, bucket), from: store.revision, buckets });
        for (const committed of await Promise.all(asked)) if (committed.ok) won.push(committed.stored.revision);
      }
      assert.deepEqual(
        won,
        [...new Set(won)].sort((a, b) => a - b),
      );
      for (const { follower, from, buckets } of followers) {
        const stored = buckets.flatMap((b) =>
          [...store.bucket(b).range("")].map(([k, s]) => [`${b} ${k}`, s] as const),
        );
        assert.deepEqual(follower.state, new Map(stored));
        const revisions = follower.seen.map((e) => e.revision);
        if (buckets.length === 2)
          assert.deepEqual(
            revisions,
            won.filter((r) => r > from),
          );
        const since = buckets.flatMap((b) => store.eventsSince(b, from) ?? assert.fail("history is gone"));
        assert.deepEqual(
          since.sort((a, b) => a.revision - b.revision),
          follower.seen,
        );
        follower.stop();
      }
      const before = stateOf(store, BUCKETS);
      const { revision } = store;
      await store.close();
      const again = await ObjectStore.open({ dir });
      assert.deepEqual(stateOf(again, BUCKETS), before);
      assert.equal(again.revision, revision);
      await again.close();
    }),
    { numRuns: 60 },
  );
});
