import type { Denied } from "@holdfast/domain/decision";
import { decodeLedger, encodeLedger } from "@holdfast/domain/quota/ledger-text";
import { EMPTY_LEDGER, type Ledger } from "@holdfast/domain/quota/reservation";
import type { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { controllerErrors } from "../errors.ts";
import { ATTEMPTS, changeSharedText } from "./config-map-text.ts";

/** The webhook configurations give a review this long. */
const MAX_WAIT_MS = 10_000;
const KEY = "ledger";

/**
 * Reservations of quota, one ConfigMap a team, written with compare-and-swap: of two requests that would together exceed a limit
 * one finds the other's reservation, on whichever replicas they are judged.
 */
export class QuotaLedger {
  readonly #client: KubeClient;
  readonly #namespace: string;
  /** Requests of one team on this replica go one after the other: racing each other over the network would only cost time. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /**
   * Reads the ledger, lets `change` decide on it, and writes what it returns; again from the start when somebody else wrote.
   *
   * @param change - the next ledger (the same one: nothing to write), or the refusal
   * @throws BUTLER_LEDGER_CONTENDED; BUTLER_LEDGER_BUSY when its turn came too late
   */
  async update(team: string, change: (ledger: Ledger) => Promise<Ledger | Denied>): Promise<Denied | undefined> {
    const before = this.#turns.get(team) ?? Promise.resolve();
    const since = performance.now();
    const turn = before.then(() => {
      const waitedMs = Math.round(performance.now() - since);
      // Nobody waits for the answer any more, and the quota would be held for nothing.
      if (waitedMs > MAX_WAIT_MS) throw controllerErrors.create("BUTLER_LEDGER_BUSY", { team, waitedMs });
      return this.#update(team, change);
    });
    const settled = turn.catch(() => undefined);
    this.#turns.set(team, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(team) === settled) this.#turns.delete(team);
    }
  }

  async #update(team: string, change: (ledger: Ledger) => Promise<Ledger | Denied>): Promise<Denied | undefined> {
    const outcome = await changeSharedText<Denied | { readonly unchanged: true }>(
      this.#client,
      {
        namespace: this.#namespace,
        name: ledgerName(team),
        key: KEY,
        labels: { "app.kubernetes.io/managed-by": "butler", "butler.butlerlabs.dev/team": team },
      },
      async (text) => {
        const ledger = text === undefined ? EMPTY_LEDGER : decodeLedger(text);
        const next = await change(ledger);
        if ("allowed" in next) return next;
        return next === ledger ? { unchanged: true } : encodeLedger(next);
      },
    );
    if (outcome === "contended") throw controllerErrors.create("BUTLER_LEDGER_CONTENDED", { team, attempts: ATTEMPTS });
    return outcome === "written" || "unchanged" in outcome ? undefined : outcome;
  }
}

/** Team names are names of namespaces, so the ledger's name is one of a ConfigMap. */
export function ledgerName(team: string): string {
  return `butler-quota-${team}`.slice(0, 253);
}
