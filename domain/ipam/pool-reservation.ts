// Pools that admission has let through and that are not stored yet: the next request is judged against them too.

import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";

/** What a pool will hand out once it is stored. */
export interface PoolReservation {
  readonly namespace: string;
  readonly name: string;
  readonly spec: NetworkPool["spec"];
  /** Milliseconds since 1970; a request that takes longer has failed. */
  readonly until: number;
}

/** As long as a reservation of quota. */
export const POOL_RESERVATION_TTL_MS = 120_000;
/** Requests for pools are rare: more than this in two minutes is somebody's mistake, and is refused. */
export const MAX_POOL_RESERVATIONS = 200;

/** Reservations that still count: not run out, and not shown by the stored pool itself. */
export function pendingReservations(
  reservations: readonly PoolReservation[],
  stored: readonly NetworkPool[],
  now: number,
): PoolReservation[] {
  const specs = new Map(stored.map((pool) => [`${pool.metadata.namespace}/${pool.metadata.name}`, pool.spec]));
  return reservations.filter(
    ({ namespace, name, spec, until }) => until > now && !jsonEqual(specs.get(`${namespace}/${name}`), spec),
  );
}

/** The reservations as pools, for a decision about another one. */
export function reservedPools(reservations: readonly PoolReservation[]): NetworkPool[] {
  return reservations.map(({ namespace, name, spec }) => ({ metadata: { namespace, name }, spec }) as NetworkPool);
}

/** The list with a reservation for this pool; an earlier one for it goes on counting until it is stored or runs out. */
export function reservePool(
  reservations: readonly PoolReservation[],
  pool: NetworkPool,
  now: number,
): PoolReservation[] {
  const { namespace = "", name = "" } = pool.metadata;
  return [...reservations, { namespace, name, spec: pool.spec, until: now + POOL_RESERVATION_TTL_MS }];
}

/** @throws SyntaxError for a text that somebody else wrote: no pool passes until it is mended */
export function decodePoolReservations(text: string): PoolReservation[] {
  const value: unknown = JSON.parse(text);
  const isReservation = (entry: unknown) =>
    typeof entry === "object" && entry !== null && Number.isFinite((entry as PoolReservation).until);
  if (!Array.isArray(value) || !value.every(isReservation))
    throw new SyntaxError("the reservations of pools are no list of reservations; delete the ConfigMap to start anew");
  return value as PoolReservation[];
}
