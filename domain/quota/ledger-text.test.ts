import assert from "node:assert/strict";
import { test } from "node:test";
import { DOMAIN_ERRORS } from "../errors.ts";
import { cluster, team } from "../testdata/builders.ts";
import { accountOf } from "./account.ts";
import { decodeLedger, encodeLedger } from "./ledger-text.ts";
import { EMPTY_LEDGER, tryReserve } from "./reservation.ts";

test("a ledger reads back as it was written, amounts beyond 2^53 included", () => {
  const next = accountOf(cluster("a", { node: { memory: "7Ei" } }));
  const outcome = tryReserve(EMPTY_LEDGER, { next }, { team: team("acme"), observed: [], now: 7 });
  assert.ok(outcome.ok);
  assert.deepEqual(decodeLedger(encodeLedger(outcome.ledger)), outcome.ledger);
  assert.equal(outcome.ledger.teams.get("acme")?.[0]?.memoryBytes, 8070450532247928832n);
  assert.deepEqual(decodeLedger(""), EMPTY_LEDGER);
});

test("hostile: what is no ledger is refused with a catalogued error", () => {
  const good = {
    team: "t",
    key: "t/c",
    generation: 1,
    environment: "",
    owner: "",
    nodes: 1,
    cpuMilli: "1",
    memoryBytes: "1",
    storageBytes: "1",
    expiresAt: 1,
  };
  const texts = [
    "{",
    "null",
    "[]",
    '{"version":2,"reservations":[]}',
    '{"version":1,"reservations":{}}',
    '{"version":1,"reservations":[null]}',
    JSON.stringify({ version: 1, reservations: [{ ...good, nodes: -1 }] }),
    JSON.stringify({ version: 1, reservations: [{ ...good, nodes: 1.5 }] }),
    JSON.stringify({ version: 1, reservations: [{ ...good, memoryBytes: "9".repeat(50) }] }),
    JSON.stringify({ version: 1, reservations: [{ ...good, memoryBytes: 5 }] }),
    JSON.stringify({ version: 1, reservations: [{ ...good, team: 1 }] }),
    JSON.stringify({ version: 1, reservations: [{ ...good, uid: 1 }] }),
    "[".repeat(500_000),
    " ".repeat(1_000_001),
  ];
  for (const text of texts) {
    assert.throws(
      () => decodeLedger(text),
      (error) => DOMAIN_ERRORS.owns(error) && error.code === "DOMAIN_LEDGER_UNREADABLE",
      text.slice(0, 60),
    );
  }
  assert.equal(
    decodeLedger(JSON.stringify({ version: 1, reservations: [{ ...good, team: "__proto__" }] })).teams.get("__proto__")
      ?.length,
    1,
  );
});
