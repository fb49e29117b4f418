// The ledger as text, for an annotation or a ConfigMap that is written with compare-and-swap.

import { DOMAIN_ERRORS } from "../errors.ts";
import type { Ledger, Reservation } from "./reservation.ts";

/** A ConfigMap holds a mebibyte. */
const MAX_LEDGER_TEXT = 1_000_000;

/** Writes a ledger; amounts are decimal strings, since JSON numbers end at 2^53. */
export function encodeLedger(ledger: Ledger): string {
  const reservations = [...ledger.teams.values()].flat();
  return JSON.stringify({ version: 1, reservations }, (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
}

/**
 * Reads what {@link encodeLedger} wrote; the empty text is the empty ledger.
 *
 * @throws DOMAIN_LEDGER_UNREADABLE for anything else: a ledger nobody understands must stop admissions, not start at zero.
 */
export function decodeLedger(text: string): Ledger {
  if (text === "") return { teams: new Map() };
  if (text.length > MAX_LEDGER_TEXT) throw unreadable(`it has ${text.length} characters`);
  const value = parseJson(text);
  if (!isRecord(value) || value["version"] !== 1 || !Array.isArray(value["reservations"])) {
    throw unreadable("it is no ledger of version 1");
  }
  const teams = new Map<string, Reservation[]>();
  for (const item of value["reservations"] as unknown[]) {
    const reservation = readReservation(item);
    const list = teams.get(reservation.team);
    if (list === undefined) teams.set(reservation.team, [reservation]);
    else list.push(reservation);
  }
  return { teams };
}

function readReservation(item: unknown): Reservation {
  if (!isRecord(item)) throw unreadable("a reservation is no object");
  const uid = item["uid"];
  if (uid !== undefined && typeof uid !== "string") throw unreadable("uid is no string");
  const reservation: Reservation = {
    team: text(item, "team"),
    key: text(item, "key"),
    generation: count(item, "generation"),
    environment: text(item, "environment"),
    owner: text(item, "owner"),
    nodes: count(item, "nodes"),
    cpuMilli: amount(item, "cpuMilli"),
    memoryBytes: amount(item, "memoryBytes"),
    storageBytes: amount(item, "storageBytes"),
    expiresAt: count(item, "expiresAt"),
  };
  return uid === undefined ? reservation : { ...reservation, uid };
}

function text(item: Record<string, unknown>, name: string): string {
  const value = item[name];
  if (typeof value !== "string") throw unreadable(`${name} is no string`);
  return value;
}

function count(item: Record<string, unknown>, name: string): number {
  const value = item[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw unreadable(`${name} is no count`);
  return value;
}

function amount(item: Record<string, unknown>, name: string): bigint {
  const value = item[name];
  if (typeof value !== "string" || !/^\d{1,40}$/.test(value)) throw unreadable(`${name} is no amount`);
  return BigInt(value);
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    throw unreadable("it is not JSON");
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(why: string): Error {
  return DOMAIN_ERRORS.create("DOMAIN_LEDGER_UNREADABLE", { why });
}
