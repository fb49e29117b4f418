// Reservations close the gap between a decision and the stored object. Two requests judged at the same moment do not see each
// other's clusters, so each first writes what it will take up into a ledger that is stored with compare-and-swap:
//
//   read ledger -> tryReserve (judges stored and reserved clusters) -> write ledger if nobody else did, else from the start
//
// A reservation goes when the stored object shows what was reserved (reconcile), when the cluster is gone (release), or when its
// time is over. It outlives the delay of the caches it makes up for.

import type { Team } from "@holdfast/contracts/butler-api/team";
import { type Denied, type Finding, refuse, refuseFindings } from "../decision.ts";
import { type Account, keyOf, type Usage } from "./account.ts";
import { clusterCountFindings, memberCountFindings } from "./environment-rules.ts";
import { ceilMilli, ceilUnits, compareQuantities, type Quantity, wholeQuantity } from "./quantity.ts";
import { teamLimitFindings } from "./team-limit-rules.ts";

/** What one request under way will take up. */
export interface Reservation {
  readonly team: string;
  /** `namespace/name` of the cluster. */
  readonly key: string;
  /** Absent where two objects of the name were under way. */
  readonly uid?: string;
  /** The metadata.generation the object will have. */
  readonly generation: number;
  readonly environment: string;
  readonly owner: string;
  readonly nodes: number;
  readonly cpuMilli: bigint;
  readonly memoryBytes: bigint;
  readonly storageBytes: bigint;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** All reservations, by team. A value: every change gives a new one. */
export interface Ledger {
  readonly teams: ReadonlyMap<string, readonly Reservation[]>;
}

/** A ledger without reservations. */
export const EMPTY_LEDGER: Ledger = { teams: new Map() };

/** How long a reservation holds unless told, in milliseconds: well over the delay of any cache. */
export const RESERVATION_TTL_MS = 120_000;

/** Reservations a team may have at once; more requests wait. */
export const MAX_RESERVATIONS_PER_TEAM = 500;

/** What a request wants to take up. */
export interface ReservationRequest {
  readonly next: Account;
  /** The cluster as stored; undefined for a new one. */
  readonly previous?: Account;
}

/** What it is judged by. */
export interface ReservationFacts {
  /** The team of `next`; its limits and those of its environments count. */
  readonly team: Team;
  /** The clusters the caches show; those of other teams are left out of account. */
  readonly observed: readonly Account[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds; {@link RESERVATION_TTL_MS} unless given. */
  readonly ttlMs?: number;
}

/** Reserves what the request adds, or says which limit is in the way. A request that adds nothing changes nothing. */
export function tryReserve(
  ledger: Ledger,
  request: ReservationRequest,
  facts: ReservationFacts,
): { readonly ok: true; readonly ledger: Ledger } | { readonly ok: false; readonly refusal: Denied } {
  const { next } = request;
  const previous = request.previous?.team === next.team ? request.previous : undefined;
  const joins = previous === undefined || previous.environment !== next.environment;
  if (!joins && previous !== undefined && covers(previous.usage, next.usage)) return { ok: true, ledger };
  const held = reservationsOf(ledger, next.team, facts.now);
  const others = mergeReservations(facts.observed, held).filter(
    (account) => account.team === next.team && keyOf(account) !== keyOf(next),
  );
  const findings = [
    ...environmentFindingsOf(facts.team, next, { joins, others }),
    ...teamLimitFindings({ team: next.team, limits: facts.team.spec?.resourceLimits, next, previous, others }),
  ];
  if (findings.length > 0) return { ok: false, refusal: refuseFindings(findings) };
  const own = held.find((reservation) => reservation.key === keyOf(next));
  const rest = held.filter((reservation) => reservation !== own);
  if (rest.length >= MAX_RESERVATIONS_PER_TEAM) {
    const message = `team ${JSON.stringify(next.team)} has ${rest.length} requests under way; try again in a minute`;
    return { ok: false, refusal: refuse("CLUSTER_LEDGER_FULL", message) };
  }
  const made = reservationFor(next, previous, facts.now + (facts.ttlMs ?? RESERVATION_TTL_MS));
  return { ok: true, ledger: withTeam(ledger, next.team, [...rest, own === undefined ? made : join(own, made)]) };
}

/** Gives a reservation back, because the cluster is gone or its creation failed for good. */
export function release(ledger: Ledger, team: string, key: string): Ledger {
  const before = ledger.teams.get(team) ?? [];
  const after = before.filter((reservation) => reservation.key !== key);
  return after.length === before.length ? ledger : withTeam(ledger, team, after);
}

/** Drops reservations whose time is over or whose object the caches show. The same ledger comes back where nothing changed. */
export function reconcile(ledger: Ledger, observed: readonly Account[], now: number): Ledger {
  const byKey = new Map(observed.map((account) => [keyOf(account), account]));
  let out = ledger;
  for (const [team, reservations] of ledger.teams) {
    const kept = reservations.filter(
      (reservation) => reservation.expiresAt > now && !isSettled(reservation, byKey.get(reservation.key)),
    );
    if (kept.length < reservations.length) out = withTeam(out, team, kept);
  }
  return out;
}

/** The reservations of a team that still hold. */
export function reservationsOf(ledger: Ledger, team: string, now: number): readonly Reservation[] {
  return (ledger.teams.get(team) ?? []).filter((reservation) => reservation.expiresAt > now);
}

/**
 * Clusters as quotas must see them: those observed, and what is reserved. A cluster in both counts with the greater of each
 * resource, since the request may or may not have arrived; one that moves counts in both environments, and in both teams.
 */
export function mergeReservations(observed: readonly Account[], reservations: readonly Reservation[]): Account[] {
  const merged = new Map<string, Account>();
  for (const account of observed) merged.set(`${account.team}\n${keyOf(account)}`, account);
  for (const reservation of reservations) {
    const id = `${reservation.team}\n${reservation.key}`;
    const account = merged.get(id);
    merged.set(id, account === undefined ? toAccount(reservation) : enlarge(account, reservation));
  }
  return [...merged.values()];
}

function environmentFindingsOf(
  team: Team,
  next: Account,
  at: { readonly joins: boolean; readonly others: readonly Account[] },
): Finding[] {
  const environment = team.spec?.environments?.find((candidate) => candidate.name === next.environment);
  if (environment === undefined) return [];
  const limit = { team: next.team, environment, owner: next.owner, ...at };
  return [...clusterCountFindings(limit), ...memberCountFindings(limit)];
}

function covers(have: Usage, want: Usage): boolean {
  return (
    want.nodes <= have.nodes &&
    compareQuantities(want.cpu, have.cpu) <= 0 &&
    compareQuantities(want.memory, have.memory) <= 0 &&
    compareQuantities(want.storage, have.storage) <= 0
  );
}

/** The object shows the reserved change: it has moved past the generation, or reached it and looks as reserved. */
function isSettled(reservation: Reservation, account: Account | undefined): boolean {
  if (account === undefined || account.team !== reservation.team) return false;
  if (reservation.uid !== undefined && account.uid !== reservation.uid) return false;
  if (account.environment !== reservation.environment) return false;
  if (account.generation > reservation.generation) return true;
  return account.generation === reservation.generation && covers(account.usage, usageOf(reservation));
}

function reservationFor(next: Account, previous: Account | undefined, expiresAt: number): Reservation {
  // Not every server counts the generation up before it asks; a changed size always does.
  const bumped =
    previous !== undefined && next.generation === previous.generation && !covers(previous.usage, next.usage);
  const reservation: Reservation = {
    team: next.team,
    key: keyOf(next),
    generation: next.generation + (bumped ? 1 : 0),
    environment: next.environment,
    owner: next.owner,
    nodes: next.usage.nodes,
    cpuMilli: ceilMilli(next.usage.cpu),
    memoryBytes: ceilUnits(next.usage.memory),
    storageBytes: ceilUnits(next.usage.storage),
    expiresAt,
  };
  return next.uid === undefined ? reservation : { ...reservation, uid: next.uid };
}

/** Two requests for one name: either may arrive, so the greater of each is kept. */
function join(a: Reservation, b: Reservation): Reservation {
  const { uid: _, ...rest } = b;
  const joined: Reservation = {
    ...rest,
    generation: Math.max(a.generation, b.generation),
    nodes: Math.max(a.nodes, b.nodes),
    cpuMilli: greater(a.cpuMilli, b.cpuMilli),
    memoryBytes: greater(a.memoryBytes, b.memoryBytes),
    storageBytes: greater(a.storageBytes, b.storageBytes),
    expiresAt: Math.max(a.expiresAt, b.expiresAt),
  };
  return a.uid === b.uid && b.uid !== undefined ? { ...joined, uid: b.uid } : joined;
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function usageOf(reservation: Reservation): Usage {
  return {
    nodes: reservation.nodes,
    cpu: { nano: reservation.cpuMilli * 1_000_000n, format: "DecimalSI" },
    memory: wholeQuantity(reservation.memoryBytes, "BinarySI"),
    storage: wholeQuantity(reservation.storageBytes, "BinarySI"),
  };
}

function toAccount(reservation: Reservation): Account {
  const slash = reservation.key.indexOf("/");
  return {
    namespace: reservation.key.slice(0, slash),
    name: reservation.key.slice(slash + 1),
    uid: reservation.uid,
    generation: reservation.generation,
    team: reservation.team,
    environment: reservation.environment,
    owner: reservation.owner,
    usage: usageOf(reservation),
  };
}

function enlarge(account: Account, reservation: Reservation): Account {
  const reserved = usageOf(reservation);
  const { usage } = account;
  const larger: Account = {
    ...account,
    owner: reservation.owner === "" ? account.owner : reservation.owner,
    usage: {
      nodes: Math.max(usage.nodes, reserved.nodes),
      cpu: greaterOf(usage.cpu, reserved.cpu),
      memory: greaterOf(usage.memory, reserved.memory),
      storage: greaterOf(usage.storage, reserved.storage),
    },
  };
  const moves = reservation.environment !== account.environment;
  return moves ? { ...larger, joiningEnvironment: reservation.environment } : larger;
}

function greaterOf(a: Quantity, b: Quantity): Quantity {
  return compareQuantities(a, b) >= 0 ? a : b;
}

function withTeam(ledger: Ledger, team: string, reservations: readonly Reservation[]): Ledger {
  const teams = new Map(ledger.teams);
  if (reservations.length === 0) teams.delete(team);
  else teams.set(team, reservations);
  return { teams };
}
