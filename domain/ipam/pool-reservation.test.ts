import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import { decodePoolReservations, pendingReservations, reservedPools, reservePool } from "./pool-reservation.ts";

const pool = (name: string, cidr: string) => ({ metadata: { namespace: "sys", name }, spec: { cidr } }) as NetworkPool;

test("a reservation counts until the stored pool shows it, or two minutes have gone", () => {
  const made = reservePool([], pool("a", "10.0.0.0/24"), 1000);
  assert.deepEqual(pendingReservations(made, [], 1000), made);
  assert.deepEqual(pendingReservations(made, [pool("a", "10.0.0.0/24")], 1000), []);
  assert.deepEqual(pendingReservations(made, [pool("a", "10.0.1.0/24")], 1000), made, "an update that is on its way");
  assert.deepEqual(pendingReservations(made, [], 121_000), []);
});

test("two requests for one pool both count: either may be the one that is stored", () => {
  const both = reservePool(reservePool([], pool("a", "10.0.0.0/24"), 0), pool("a", "10.0.1.0/24"), 0);
  assert.deepEqual(
    reservedPools(both).map((p) => p.spec?.cidr),
    ["10.0.0.0/24", "10.0.1.0/24"],
  );
});

test("what is no list of reservations is refused, not read as none", () => {
  assert.deepEqual(decodePoolReservations("[]"), []);
  for (const text of ["", "{}", "[1]", '[{"until":"x"}]'])
    assert.throws(() => decodePoolReservations(text), SyntaxError);
});
