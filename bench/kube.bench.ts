// The embedded API server: start, memory, durable writes, reads. No peer runs beside it: a real API server is not to be had from a package
// registry, its figures on a machine of this size stand in the goals.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import type { BenchRow } from "./report.ts";

const cli = join(import.meta.dirname, "../apps/cli/holdfast.ts");
const PATH = "/api/v1/namespaces/default/configmaps";

export async function measure({ quick }: { readonly quick: boolean }): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const { child, kubeconfig, ms } = await start(dir);
  try {
    const rows: BenchRow[] = [
      { work: "start to ready, first time", value: ms, unit: "ms", goal: "<= 400 ms", met: ms <= 400 },
    ];
    const memory = residentMb(child);
    rows.push({ work: "resident memory, empty", value: memory, unit: "MB", goal: "<= 90 MB", met: memory <= 90 });
    const connection = parseKubeconfig(readFileSync(kubeconfig, "utf8"), "kubeconfig");
    const seconds = quick ? 2 : 8;
    let made = 0;
    const name = () => `c${made++}`;
    const call = (agent: Agent, method: string, path: string, body?: string, type = "application/json") =>
      new Promise<number>((resolve, reject) => {
        const ask = request(
          `${connection.server}${path}`,
          {
            method,
            agent,
            headers: body === undefined ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) },
          },
          (response) => {
            response.resume();
            response.on("end", () => resolve(response.statusCode ?? 0));
          },
        );
        ask.on("error", reject);
        ask.end(body);
      });
    const rate = async (connections: number, once: (agent: Agent) => Promise<number>): Promise<number> => {
      const agent = new Agent({
        keepAlive: true,
        maxSockets: connections,
        ca: connection.ca,
        cert: connection.cert,
        key: connection.key,
      });
      let count = 0;
      const began = performance.now();
      const end = began + seconds * 1000;
      await Promise.all(
        Array.from({ length: connections }, async () => {
          while (performance.now() < end) {
            const code = await once(agent);
            if (code >= 400) throw new Error(`the server answered ${code}`);
            count++;
          }
        }),
      );
      agent.destroy();
      return count / ((performance.now() - began) / 1000);
    };
    const create = (agent: Agent) =>
      call(
        agent,
        "POST",
        PATH,
        JSON.stringify({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: name(), labels: { app: "bench" } },
          data: { text: "x".repeat(700) },
        }),
      );
    for (const connections of [1, 16, 64]) {
      const value = await rate(connections, create);
      rows.push({
        work: `durable creates, ${connections} connections`,
        value,
        unit: "/s",
        ...(connections === 16 ? { goal: ">= 2000 /s", met: value >= 2000 } : {}),
      });
    }
    let next = 0;
    const gets = await rate(16, (agent) => call(agent, "GET", `${PATH}/c${next++ % made}`));
    rows.push({ work: "gets, 16 connections", value: gets, unit: "/s", goal: ">= 7000 /s", met: gets >= 7000 });
    const patches = await rate(16, (agent) =>
      call(agent, "PATCH", `${PATH}/c${next++ % made}`, `{"data":{"n":"${next}"}}`, "application/merge-patch+json"),
    );
    rows.push({ work: "durable merge patches, 16 connections", value: patches, unit: "/s" });
    rows.push({ work: `resident memory, ${made} objects`, value: residentMb(child), unit: "MB" });
    return rows;
  } finally {
    child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }
}

function start(dir: string): Promise<{ child: ChildProcess; kubeconfig: string; ms: number }> {
  const child = spawn(process.execPath, [cli, "kube", "--data-dir", dir, "--port", "0", "-o", "json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => {
      const { kubeconfig, ms } = JSON.parse(chunk.toString()) as { kubeconfig: string; ms: number };
      resolve({ child, kubeconfig, ms });
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

function residentMb(child: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}
