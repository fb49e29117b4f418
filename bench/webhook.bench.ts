// Admission reviews a second: butler-controller beside Pepr (npm), the same validation and mutation, one run.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKube } from "@holdfast/embedded-kube/create-kube";
import { startButler } from "@holdfast/local/butler-start";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { SILENT } from "@holdfast/runtime/log/logger";
import { createCertificateAuthority, issueCertificate } from "@holdfast/runtime/tls/certificate-authority";
import { build } from "esbuild";
import type { BenchRow } from "./report.ts";
import { PEPR_MODULE } from "./webhook/pepr-module.ts";

const PEPR = "pepr@20.0.0";
const here = import.meta.dirname;

interface Server {
  readonly name: string;
  readonly process: ChildProcess;
  readonly validate: string;
  readonly mutate: string;
  readonly ca: string;
}
interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
}

export async function measure({ quick }: { readonly quick: boolean }): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const kube = await createKube();
  const client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "bench" });
  const installed = await startButler(client, { host: "127.0.0.1", log: SILENT });
  const servers: Server[] = [];
  try {
    await installPeprStore(client);
    await client.create(
      { group: "butler.butlerlabs.dev", version: "v1alpha1", plural: "teams", kind: "Team" },
      { ...TEAM, metadata: { name: "demo" }, spec: { ...TEAM.spec, clusterDefaults: { workerCPU: 4 } } },
    );
    await installed.stop();
    servers.push(await startOurs(folder, kube.kubeconfig));
    servers.push(await startPepr(folder, kube.kubeconfig));
    const ms = quick ? 2100 : 9000;
    const rows: BenchRow[] = [];
    for (const server of servers) await load(server, server.validate, VALIDATE, 20, 1000); // warm
    for (const [work, pick, body] of [
      ["validate Team", "validate", VALIDATE],
      ["default TenantCluster", "mutate", MUTATE],
    ] as const) {
      for (const connections of [1, 20, 100]) {
        // In turn, so that both meet the same weather; the median of each counts.
        const runs: [Load[], Load[]] = [[], []];
        for (let turn = 0; turn < TURNS; turn++) {
          for (const [i, server] of servers.entries()) {
            runs[i as 0 | 1].push(await load(server, server[pick], body, connections, ms / TURNS));
          }
        }
        const [ours, peer] = runs.map(median) as [Load, Load];
        rows.push(...rowsOf(`${work}, ${connections} connections`, connections, ours, peer));
      }
    }
    const [ours, peer] = servers.map((s) => residentMb(s.process)) as [number, number];
    rows.push({
      work: "resident memory after the load",
      value: ours,
      unit: "MB",
      peer: "Pepr",
      peerValue: peer,
      ratio: ours / peer,
      goal: "<= 110 MB",
      met: ours <= 110,
    });
    return rows;
  } finally {
    for (const server of servers) server.process.kill("SIGKILL");
    client.close();
    await kube.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const TURNS = 3;

/** The run in the middle by throughput; failures of all of them count. */
function median(runs: readonly Load[]): Load {
  const sorted = [...runs].sort((x, y) => x.perSecond - y.perSecond);
  const failures = runs.reduce((sum, run) => sum + run.failures, 0);
  return { ...(sorted[Math.floor(sorted.length / 2)] as Load), failures };
}

function rowsOf(work: string, connections: number, ours: Load, peer: Load): BenchRow[] {
  if (ours.failures > 0 || peer.failures > 0)
    throw new Error(`${work}: ${ours.failures} of our answers and ${peer.failures} of Pepr's were no approval`);
  const ratio = ours.perSecond / peer.perSecond;
  const latency = connections === 20 ? { goal: "<= 10 ms", met: ours.p99 <= 10 } : {};
  return [
    {
      work,
      value: ours.perSecond,
      unit: "reviews/s",
      peer: "Pepr",
      peerValue: peer.perSecond,
      ratio,
      goal: ">= 2x",
      met: ratio >= 2,
    },
    {
      work: `${work}, p50`,
      value: ours.p50,
      unit: "ms",
      peer: "Pepr",
      peerValue: peer.p50,
      ratio: ours.p50 / peer.p50,
    },
    {
      work: `${work}, p99`,
      value: ours.p99,
      unit: "ms",
      peer: "Pepr",
      peerValue: peer.p99,
      ratio: ours.p99 / peer.p99,
      ...latency,
    },
  ];
}

/** The service as its image runs it: one bundle, without type stripping, with a small young generation. */
async function startOurs(folder: string, kubeconfig: string): Promise<Server> {
  const bundle = join(folder, "holdfast-server.mjs");
  await build({
    entryPoints: [join(here, "webhook/holdfast-server.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  const child = spawn(process.execPath, ["--max-semi-space-size=2", bundle], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(kubeconfig);
  const { url, ca } = JSON.parse(await firstLine(child)) as { url: string; ca: string };
  const path = "butler-butlerlabs-dev-v1alpha1";
  return {
    name: "holdfast",
    process: child,
    validate: `${url}/validate-${path}-team`,
    mutate: `${url}/mutate-${path}-tenantcluster`,
    ca,
  };
}

/** Pepr keeps a store of its own in the API server and does not serve before it is there. */
async function installPeprStore(client: KubeClient): Promise<void> {
  const names = { plural: "peprstores", singular: "peprstore", kind: "PeprStore" };
  const schema = {
    openAPIV3Schema: {
      type: "object",
      properties: { data: { type: "object", additionalProperties: { type: "string" } } },
    },
  };
  await client.create(
    {
      group: "apiextensions.k8s.io",
      version: "v1",
      plural: "customresourcedefinitions",
      kind: "CustomResourceDefinition",
    },
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "peprstores.pepr.dev" },
      spec: {
        group: "pepr.dev",
        scope: "Namespaced",
        names,
        versions: [{ name: "v1", served: true, storage: true, schema }],
      },
    },
  );
  await client.create(
    { group: "", version: "v1", plural: "namespaces", kind: "Namespace" },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "pepr-system" } },
  );
}

/** Installs Pepr from npm into a folder of its own and starts the module there. */
async function startPepr(folder: string, kubeconfig: string): Promise<Server> {
  const dir = join(folder, "pepr");
  mkdirSync(dir);
  writeFileSync(join(dir, "package.json"), '{"name":"peer","version":"1.0.0","type":"module"}');
  execFileSync("npm", ["install", PEPR, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], {
    cwd: dir,
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(join(dir, "module.mjs"), PEPR_MODULE);
  writeFileSync(join(dir, "kubeconfig"), kubeconfig);
  const now = Date.now();
  const authority = await createCertificateAuthority(
    "peer authority",
    new Date(now - 60_000),
    new Date(now + 86_400_000),
  );
  const pair = await issueCertificate(authority, {
    commonName: "peer",
    ipAddresses: ["127.0.0.1"],
    uses: ["server"],
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + 86_400_000),
  });
  writeFileSync(join(dir, "tls.crt"), pair.cert);
  writeFileSync(join(dir, "tls.key"), pair.key);
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const child = spawn(process.execPath, ["module.mjs"], {
    cwd: dir,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      KUBECONFIG: join(dir, "kubeconfig"),
      SSL_KEY_PATH: join(dir, "tls.key"),
      SSL_CERT_PATH: join(dir, "tls.crt"),
      PEPR_API_TOKEN: "token",
      PEER_PORT: String(port),
      LOG_LEVEL: "error",
    },
  });
  let said = ""; // what it prints, for the error
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const server = {
    name: "pepr",
    process: child,
    validate: `https://127.0.0.1:${port}/validate/token`,
    mutate: `https://127.0.0.1:${port}/mutate/token`,
    ca: authority.cert,
  };
  const until = Date.now() + 90_000; // it reads its store with a jitter and settles for some ten seconds
  for (;;) {
    const reply = await askOnce(server.validate, server.ca).catch((error: Error) => error.message);
    if (reply.includes('"allowed":true')) return server;
    if (Date.now() > until || child.exitCode !== null)
      throw new Error(`Pepr did not start: ${said.slice(-2000)} ${reply.slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function askOnce(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = request(
      url,
      {
        method: "POST",
        ca,
        agent: false,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(VALIDATE) },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () => resolve(text));
      },
    );
    ask.setTimeout(5000, () => ask.destroy(new Error("no answer")));
    ask.on("error", reject);
    ask.end(VALIDATE);
  });
}

function load(server: Pick<Server, "ca">, url: string, body: string, connections: number, ms: number): Promise<Load> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(here, "webhook/load.ts")], { stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.on("close", (code) =>
      code === 0 ? resolve(JSON.parse(text) as Load) : reject(new Error(`the load ended with ${code}`)),
    );
    child.stdin.end(JSON.stringify({ url, ca: server.ca, body, connections, ms }));
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString().split("\n")[0] as string));
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

function residentMb(child: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}

const TEAM = {
  apiVersion: "butler.butlerlabs.dev/v1alpha1",
  kind: "Team",
  metadata: { name: "demo", uid: "b7a1c1a6-6d0f-4f0c-9a31-6a1f2f6d7e11", resourceVersion: "5", generation: 2 },
  spec: {
    displayName: "Demo",
    access: {
      users: Array.from({ length: 12 }, (_, i) => ({
        name: `person${i}@example.com`,
        role: i === 0 ? "admin" : "viewer",
      })),
    },
    resourceLimits: { maxClusters: 5, maxTotalNodes: 20, maxCPUCores: "80" },
    environments: [
      { name: "dev", limits: { maxClusters: 3 } },
      { name: "stage" },
      { name: "prod", limits: { maxClusters: 1, maxClustersPerMember: 1 } },
    ],
  },
};
const review = (kind: string, plural: string, operation: string, object: unknown, oldObject: unknown) =>
  JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "0df28fbd-5f5f-11e8-bc74-36e6bb280816",
      kind: { group: "butler.butlerlabs.dev", version: "v1alpha1", kind },
      resource: { group: "butler.butlerlabs.dev", version: "v1alpha1", resource: plural },
      name: "demo",
      namespace: "demo",
      operation,
      userInfo: { username: "person0@example.com", groups: ["system:authenticated"] },
      object,
      oldObject,
      dryRun: false,
      options: { kind: "UpdateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  });
const VALIDATE = review("Team", "teams", "UPDATE", { ...TEAM, spec: { ...TEAM.spec, displayName: "Demo two" } }, TEAM);
const MUTATE = review(
  "TenantCluster",
  "tenantclusters",
  "CREATE",
  {
    apiVersion: TEAM.apiVersion,
    kind: "TenantCluster",
    metadata: { name: "demo", namespace: "demo" },
    spec: { kubernetesVersion: "v1.34.2", workers: { replicas: 2 } },
  },
  null,
);
