import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TeamSpec } from "@holdfast/contracts/butler-api/team";
import { cluster, team } from "../testdata/builders.ts";
import { type Account, accountOf } from "./account.ts";
import { EMPTY_LEDGER, type Ledger, mergeReservations, reconcile, release, tryReserve } from "./reservation.ts";

const limited = (spec: TeamSpec) => ({ team: team("acme", spec), observed: [] as Account[], now: 1000 });
const acme = limited({ resourceLimits: { maxClusters: 1, maxTotalNodes: 4 } });

function reserved(ledger: Ledger, object: ReturnType<typeof cluster>, facts = acme): Ledger {
  const outcome = tryReserve(ledger, { next: accountOf(object) }, facts);
  assert.ok(outcome.ok, outcome.ok ? "" : outcome.refusal.message);
  return outcome.ledger;
}

describe("tryReserve()", () => {
  test("writes down what the cluster will take up", () => {
    const ledger = reserved(EMPTY_LEDGER, cluster("a", { replicas: 2, environment: "dev" }));
    assert.deepEqual(ledger.teams.get("acme"), [
      {
        team: "acme",
        key: "acme/a",
        uid: "uid-a",
        generation: 1,
        environment: "dev",
        owner: "",
        nodes: 2,
        cpuMilli: 8000n,
        memoryBytes: 34359738368n,
        storageBytes: 214748364800n,
        expiresAt: 121000,
      },
    ]);
    assert.equal(EMPTY_LEDGER.teams.size, 0);
  });

  test("closed hole: the second of two creations at the same moment is refused", () => {
    const ledger = reserved(EMPTY_LEDGER, cluster("a"));
    const second = tryReserve(ledger, { next: accountOf(cluster("b")) }, acme);
    assert.equal(
      second.ok ? "" : second.refusal.message,
      'spec: Forbidden: team "acme" already has 1 cluster(s); team quota limits to 1',
    );
  });

  test("a reservation whose time is over does not count", () => {
    const ledger = reserved(EMPTY_LEDGER, cluster("a"));
    const later = { ...acme, now: 121000 };
    assert.equal(tryReserve(ledger, { next: accountOf(cluster("b")) }, later).ok, true);
    assert.equal(tryReserve(ledger, { next: accountOf(cluster("b")) }, { ...later, now: 120999 }).ok, false);
  });

  test("the same cluster asked for again replaces its reservation", () => {
    const ledger = reserved(reserved(EMPTY_LEDGER, cluster("a", { replicas: 2 })), cluster("a", { replicas: 1 }));
    assert.deepEqual(
      ledger.teams.get("acme")?.map((entry) => entry.nodes),
      [2],
      "either request may arrive",
    );
  });

  test("two updates under way at once: the later generation and the greater size hold", () => {
    const before = accountOf(cluster("a", { replicas: 1 }));
    const facts = { ...acme, observed: [before] };
    let ledger = EMPTY_LEDGER;
    for (const [replicas, generation] of [
      [4, 7],
      [2, 5],
    ] as const) {
      const next = { ...accountOf(cluster("a", { replicas })), generation };
      const outcome = tryReserve(ledger, { next, previous: before }, facts);
      assert.ok(outcome.ok);
      ledger = outcome.ledger;
    }
    const held = ledger.teams.get("acme")?.[0];
    assert.deepEqual([held?.nodes, held?.generation, held?.uid], [4, 7, "uid-a"]);
  });

  test("two creations of one name at once: the reservation is bound to neither object", () => {
    const [one, two] = [accountOf(cluster("a")), { ...accountOf(cluster("a")), uid: "another" }];
    const first = tryReserve(EMPTY_LEDGER, { next: one }, acme);
    assert.ok(first.ok);
    const second = tryReserve(first.ledger, { next: two }, acme);
    assert.ok(second.ok);
    assert.equal(second.ledger.teams.get("acme")?.[0]?.uid, undefined);
    assert.equal(reconcile(second.ledger, [one], 1000).teams.size, 0);
  });

  test("growing reserves the difference against the limits, shrinking changes nothing", () => {
    const [before, after] = [accountOf(cluster("a", { replicas: 3 })), accountOf(cluster("a", { replicas: 5 }))];
    const facts = { ...acme, observed: [before] };
    const grown = tryReserve(EMPTY_LEDGER, { next: after, previous: before }, facts);
    assert.equal(
      grown.ok ? "" : grown.refusal.message,
      'spec.workers.replicas: Forbidden: total worker nodes (5) would exceed team "acme" node quota (4)',
    );
    const shrunk = tryReserve(EMPTY_LEDGER, { next: before, previous: after }, facts);
    assert.equal(shrunk.ok && shrunk.ledger, EMPTY_LEDGER);
  });

  test("limits of an environment count reservations too, also for a cluster that moves", () => {
    const facts = limited({ environments: [{ name: "dev", limits: { maxClusters: 1 } }, { name: "prod" }] });
    const inProd = accountOf(cluster("a", { environment: "prod" }));
    const observed = { ...facts, observed: [inProd] };
    const moving = tryReserve(
      EMPTY_LEDGER,
      { next: accountOf(cluster("a", { environment: "dev" })), previous: inProd },
      observed,
    );
    assert.ok(moving.ok);
    const second = tryReserve(moving.ledger, { next: accountOf(cluster("b", { environment: "dev" })) }, observed);
    assert.match(
      second.ok ? "" : second.refusal.message,
      /environment "dev" in team "acme" already has 1 cluster\(s\)/,
    );
  });

  test("a member's cap counts reservations too", () => {
    const facts = limited({ environments: [{ name: "dev", limits: { maxClustersPerMember: 1 } }] });
    const of = (name: string, creator: string) =>
      cluster(name, { environment: "dev", annotations: { "butler.butlerlabs.dev/creator-email": creator } });
    const ledger = reserved(EMPTY_LEDGER, of("a", "ada@x"), facts);
    assert.equal(tryReserve(ledger, { next: accountOf(of("b", "ADA@x")) }, facts).ok, false);
    assert.equal(tryReserve(ledger, { next: accountOf(of("c", "bob@x")) }, facts).ok, true);
  });

  test("hostile: a team cannot fill the ledger without end", () => {
    let ledger = EMPTY_LEDGER;
    const facts = limited({});
    for (let index = 0; index < 500; index++) ledger = reserved(ledger, cluster(`c${index}`), facts);
    const outcome = tryReserve(ledger, { next: accountOf(cluster("more")) }, facts);
    assert.equal(outcome.ok ? "" : outcome.refusal.code, "CLUSTER_LEDGER_FULL");
    assert.equal(tryReserve(ledger, { next: accountOf(cluster("c7", { replicas: 2 })) }, facts).ok, true);
  });
});

describe("reconcile() and release()", () => {
  test("drop a reservation whose object is seen as reserved, or past it", () => {
    const ledger = reserved(EMPTY_LEDGER, cluster("a", { replicas: 2 }));
    assert.equal(reconcile(ledger, [], 1000), ledger);
    const seen = accountOf(cluster("a", { replicas: 2 }));
    assert.equal(reconcile(ledger, [seen], 1000).teams.size, 0);
    assert.equal(reconcile(ledger, [{ ...seen, uid: "another" }], 1000), ledger);
    const smaller = accountOf(cluster("a", { replicas: 1 }));
    assert.equal(reconcile(ledger, [smaller], 1000), ledger, "the cache is behind");
    assert.equal(reconcile(ledger, [{ ...smaller, generation: 2 }], 1000).teams.size, 0, "it was shrunk since");
    assert.equal(reconcile(ledger, [{ ...seen, environment: "prod" }], 1000), ledger);
  });

  test("an update is not taken for settled by the object as it was before", () => {
    const before = accountOf(cluster("a", { replicas: 3 }));
    const facts = { ...limited({}), observed: [before] };
    const outcome = tryReserve(
      EMPTY_LEDGER,
      { next: accountOf(cluster("a", { replicas: 4 })), previous: before },
      facts,
    );
    assert.ok(outcome.ok);
    assert.equal(outcome.ledger.teams.get("acme")?.[0]?.generation, 2);
    const older = accountOf(cluster("a", { replicas: 9 }));
    assert.equal(reconcile(outcome.ledger, [older], 1000), outcome.ledger);
    assert.equal(reconcile(outcome.ledger, [{ ...older, generation: 2 }], 1000).teams.size, 0);
  });

  test("drop what is over, give back what is released, and leave the rest", () => {
    const facts = limited({});
    const ledger = reserved(reserved(EMPTY_LEDGER, cluster("a"), facts), cluster("b"), { ...facts, now: 5000 });
    assert.deepEqual(
      reconcile(ledger, [], 122000)
        .teams.get("acme")
        ?.map((entry) => entry.key),
      ["acme/b"],
    );
    assert.deepEqual(
      release(ledger, "acme", "acme/b")
        .teams.get("acme")
        ?.map((entry) => entry.key),
      ["acme/a"],
    );
    assert.equal(release(ledger, "acme", "acme/nobody"), ledger);
    assert.equal(release(ledger, "nobody", "acme/a"), ledger);
  });
});

test("mergeReservations() counts a cluster once, with the greater of what is seen and reserved", () => {
  const ledger = reserved(EMPTY_LEDGER, cluster("a", { replicas: 4, node: { memory: "1Gi" } }));
  const seen = accountOf(cluster("a", { replicas: 2 }));
  const merged = mergeReservations([seen], ledger.teams.get("acme") ?? []);
  assert.equal(merged.length, 1);
  assert.equal(merged[0]?.usage.nodes, 4);
  assert.equal(merged[0]?.usage.memory.nano, 32n * 2n ** 30n * 1_000_000_000n);
  const larger = mergeReservations([accountOf(cluster("a", { replicas: 5 }))], ledger.teams.get("acme") ?? []);
  assert.equal(larger[0]?.usage.nodes, 5);
});
