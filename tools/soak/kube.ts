// Kill -9 at a random moment under load, again and again: what was acknowledged must be there, whole, after the restart.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";

const CONFIG_MAPS = { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" };
const WRITERS = 8;
const cli = join(import.meta.dirname, "../../apps/cli/holdfast.ts");

export interface SoakReport {
  readonly soak: "kube";
  readonly rounds: number;
  readonly acknowledged: number;
  /** Acknowledged writes that were gone or older after a restart. */
  readonly lost: number;
  /** Objects whose two halves differ: a write applied in part. */
  readonly halfApplied: number;
  readonly slowestRestartMs: number;
}

/** What a writer knows of one object: the newest acknowledged number, and one that may or may not have been stored. */
interface Known {
  acknowledged: number;
  attempted: number;
}

export async function soakKube(rounds: number, say: (text: string) => void): Promise<SoakReport> {
  const dir = mkdtempSync(join(tmpdir(), "holdfast-soak-"));
  const known = new Map<string, Known>();
  let [acknowledged, lost, halfApplied, slowestRestartMs] = [0, 0, 0, 0];
  try {
    for (let round = 1; round <= rounds; round++) {
      const server = await start(dir);
      slowestRestartMs = Math.max(slowestRestartMs, server.ms);
      const client = new KubeClient(parseKubeconfig(readFileSync(server.kubeconfig, "utf8"), "kubeconfig"), {
        userAgent: "soak",
      });
      const verdict = await compare(client, known);
      lost += verdict.lost;
      halfApplied += verdict.halfApplied;
      const stop = { now: false };
      const writers = Array.from({ length: WRITERS }, (_, i) => write(client, `w${i}`, known, stop));
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 400));
      server.process.kill("SIGKILL");
      stop.now = true;
      for (const count of await Promise.all(writers)) acknowledged += count;
      client.close();
      if (round % 10 === 0 || round === rounds)
        say(
          `round ${round}: ${acknowledged} writes acknowledged, ${lost} lost, slowest restart ${Math.round(slowestRestartMs)} ms`,
        );
    }
    const last = await start(dir);
    const client = new KubeClient(parseKubeconfig(readFileSync(last.kubeconfig, "utf8"), "kubeconfig"), {
      userAgent: "soak",
    });
    const verdict = await compare(client, known);
    client.close();
    last.process.kill("SIGKILL");
    return {
      soak: "kube",
      rounds,
      acknowledged,
      lost: lost + verdict.lost,
      halfApplied: halfApplied + verdict.halfApplied,
      slowestRestartMs: Math.round(slowestRestartMs),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function start(dir: string): Promise<{ process: ChildProcess; kubeconfig: string; ms: number }> {
  const child = spawn(process.execPath, [cli, "kube", "--data-dir", dir, "--port", "0", "-o", "json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => {
      const { kubeconfig, ms } = JSON.parse(chunk.toString()) as { kubeconfig: string; ms: number };
      resolve({ process: child, kubeconfig, ms });
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

/** Counts up the objects of one writer, creating and replacing them, until the server is gone. */
async function write(
  client: KubeClient,
  writer: string,
  known: Map<string, Known>,
  stop: { now: boolean },
): Promise<number> {
  let count = 0;
  for (let n = 0; !stop.now; n++) {
    const name = `${writer}-${n % 25}`;
    const state = known.get(name) ?? { acknowledged: 0, attempted: 0 };
    known.set(name, state);
    const next = Math.max(state.acknowledged, state.attempted) + 1;
    state.attempted = next;
    // The number stands in both halves: one without the other is a write applied in part.
    const object: KubeObject = {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name, namespace: "default", annotations: { n: String(next) } },
      data: { n: String(next), filler: "x".repeat(500) },
    };
    try {
      if (state.acknowledged === 0) await client.create(CONFIG_MAPS, object);
      else await client.update(CONFIG_MAPS, object);
    } catch {
      if (stop.now) return count;
      // A create whose reply was lost in an earlier round: from now on it is replaced.
      if (
        state.acknowledged === 0 &&
        (await client.find(CONFIG_MAPS, name, "default").catch(() => undefined)) !== undefined
      )
        state.acknowledged = 0.5;
      continue;
    }
    state.acknowledged = next;
    count++;
  }
  return count;
}

async function compare(
  client: KubeClient,
  known: ReadonlyMap<string, Known>,
): Promise<{ lost: number; halfApplied: number }> {
  const stored = new Map(
    (await client.list<KubeObject>(CONFIG_MAPS, "default")).items.map((o) => [o.metadata.name as string, o]),
  );
  let [lost, halfApplied] = [0, 0];
  for (const [name, state] of known) {
    const object = stored.get(name);
    const value = Number((object?.["data"] as { n?: string } | undefined)?.n ?? 0);
    if (value < state.acknowledged || value > state.attempted) lost++;
    if (object !== undefined && object.metadata.annotations?.["n"] !== String(value)) halfApplied++;
    // What was under way when the server died is decided now.
    if (value > state.acknowledged) state.acknowledged = value;
  }
  return { lost, halfApplied };
}
