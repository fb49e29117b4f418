import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cluster, team } from "../testdata/builders.ts";
import { type Account, accountOf, keyOf, totalUsage } from "./account.ts";
import { EMPTY_LEDGER, type Ledger, reconcile, release, tryReserve } from "./reservation.ts";

const LIMIT = 6;
const MAX_CLUSTERS = 3;
const acme = team("acme", { resourceLimits: { maxTotalNodes: LIMIT, maxClusters: MAX_CLUSTERS } });

/** One step of one of the actors; which cluster, how many nodes. */
interface Step {
  readonly kind: "admit" | "commit" | "fail" | "delete" | "see" | "reconcile";
  readonly name: "a" | "b" | "c" | "d" | "e";
  readonly nodes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("admit", "admit", "admit", "commit", "commit", "fail", "delete", "see", "reconcile"),
  name: fc.constantFrom("a", "b", "c", "d", "e"),
  nodes: fc.integer({ min: 1, max: 6 }),
});

/** A cluster store, a cache that lags behind it, a ledger, and requests between admission and storage. */
class World {
  stored = new Map<string, Account>();
  cache = new Map<string, Account>();
  ledger: Ledger = EMPTY_LEDGER;
  admitted = new Map<string, { next: Account; base: Account | undefined }>();
  #uids = 0;

  /** Admission judges by the stored object itself, the lagging cache for all others, and the ledger. */
  admit({ name, nodes }: Step): void {
    const base = this.stored.get(`acme/${name}`);
    const wanted = accountOf(cluster(name, { replicas: nodes }));
    const next: Account =
      base === undefined
        ? { ...wanted, uid: `u${this.#uids++}` }
        : { ...wanted, uid: base.uid, generation: base.generation + (base.usage.nodes === nodes ? 0 : 1) };
    const request = base === undefined ? { next } : { next, previous: base };
    const outcome = tryReserve(this.ledger, request, { team: acme, observed: [...this.cache.values()], now: 0 });
    if (!outcome.ok) return;
    this.ledger = outcome.ledger;
    this.admitted.set(name, { next, base });
  }

  /** The API server stores an admitted object unless it was changed in between. */
  commit({ name }: Step): void {
    const request = this.admitted.get(name);
    this.admitted.delete(name);
    if (request === undefined || this.stored.get(keyOf(request.next)) !== request.base) return;
    this.stored.set(keyOf(request.next), request.next);
  }

  run(step: Step): void {
    const key = `acme/${step.name}`;
    switch (step.kind) {
      case "admit":
        this.admit(step);
        return;
      case "commit":
        this.commit(step);
        return;
      case "fail":
        this.admitted.delete(step.name);
        return;
      case "delete":
        this.stored.delete(key);
        return;
      case "see": {
        const now = this.stored.get(key);
        if (now === undefined) this.cache.delete(key);
        else this.cache.set(key, now);
        return;
      }
      case "reconcile":
        this.ledger = reconcile(this.ledger, [...this.cache.values()], 0);
        return;
    }
  }
}

test("the quota is never exceeded, however admissions, writes, failures, deletions and a lagging cache interleave", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const world = new World();
      for (const one of steps) {
        world.run(one);
        const stored = [...world.stored.values()];
        assert.ok(totalUsage(stored).nodes <= LIMIT, `${totalUsage(stored).nodes} nodes`);
        assert.ok(stored.length <= MAX_CLUSTERS, `${stored.length} clusters`);
      }
    }),
    { numRuns: 2000 },
  );
});

test("without the ledger the same interleavings do exceed it", () => {
  const steps: Step[] = (["a", "b", "c", "d"] as const).flatMap((name) => [
    { kind: "admit", name, nodes: 6 },
    { kind: "commit", name, nodes: 6 },
  ]);
  const world = new World();
  for (const one of steps) {
    world.run(one);
    world.ledger = EMPTY_LEDGER;
  }
  assert.equal(totalUsage([...world.stored.values()]).nodes, 24);
});

test("concurrent writers of the ledger: compare-and-swap lets exactly as many through as fit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(7), { maxLength: 40 }), (writers, order) => {
      let stored = { version: 0, ledger: EMPTY_LEDGER };
      const read = new Map<number, typeof stored>();
      const passed = new Set<number>();
      const turn = (writer: number): void => {
        const seen = read.get(writer);
        read.delete(writer);
        if (passed.has(writer)) return;
        if (seen === undefined) {
          read.set(writer, stored);
          return;
        }
        const outcome = tryReserve(
          seen.ledger,
          { next: accountOf(cluster(`w${writer}`, { replicas: 2 })) },
          { team: acme, observed: [], now: 0 },
        );
        if (!outcome.ok || seen.version !== stored.version) return;
        stored = { version: stored.version + 1, ledger: outcome.ledger };
        passed.add(writer);
      };
      for (const writer of order) if (writer < writers) turn(writer);
      for (let round = 0; round < 2 * writers; round++) for (let writer = 0; writer < writers; writer++) turn(writer);
      assert.equal(passed.size, Math.min(writers, 3));
    }),
  );
});

test("releasing everything leaves the empty ledger", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 3 }), (names) => {
      let ledger: Ledger = EMPTY_LEDGER;
      for (const name of names) {
        const outcome = tryReserve(ledger, { next: accountOf(cluster(name)) }, { team: acme, observed: [], now: 0 });
        assert.ok(outcome.ok);
        ledger = outcome.ledger;
      }
      for (const name of names) ledger = release(ledger, "acme", `acme/${name}`);
      assert.equal(ledger.teams.size, 0);
    }),
  );
});
