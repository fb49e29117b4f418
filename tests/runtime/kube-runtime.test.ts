// The client side of controllers against a real server: copies that stay true, one leader at a time.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { createKube } from "@holdfast/embedded-kube/create-kube";
import { Informer } from "@holdfast/runtime/kube/informer";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { LeaderElection } from "@holdfast/runtime/kube/leader-election";
import { SILENT } from "@holdfast/runtime/log/logger";
import { listen } from "@holdfast/runtime/net/listener";
import { eventually } from "@holdfast/runtime/testkit/eventually";
import { createCertificateAuthority, issueCertificate } from "@holdfast/runtime/tls/certificate-authority";

const CONFIG_MAPS = { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" };
const configMap = (name: string, n: number): KubeObject => ({
  kind: "ConfigMap",
  apiVersion: "v1",
  metadata: { name, namespace: "default" },
  data: { n: String(n) },
});
const clientOf = (kubeconfig: string) =>
  new KubeClient(parseKubeconfig(kubeconfig, "kubeconfig"), { userAgent: "test" });
const countIn = (object: KubeObject | undefined) => (object?.["data"] as { n?: string } | undefined)?.n;

test("an informer holds what the server holds, tells each change once, and recovers from a restart of the server", async () => {
  const dir = mkdtempSync(join(tmpdir(), "holdfast-informer-"));
  let kube = await createKube({ dataDir: dir, controllers: false });
  const port = Number(new URL(kube.server).port);
  const client = clientOf(kube.kubeconfig);
  const informer = new Informer<KubeObject>(client, CONFIG_MAPS, { log: SILENT, namespace: "default" });
  try {
    await client.create(CONFIG_MAPS, configMap("a", 1));
    await informer.start();
    const seen: string[] = [];
    informer.subscribe(({ type, object }) => seen.push(`${type} ${object.metadata.name} ${countIn(object)}`));
    await client.create(CONFIG_MAPS, configMap("b", 1));
    await client.update(CONFIG_MAPS, configMap("a", 2));
    await client.delete(CONFIG_MAPS, "b", "default");
    await eventually(async () => (seen.length === 4 ? true : undefined), "the changes are told");
    assert.deepEqual(seen, ["added a 1", "added b 1", "modified a 2", "deleted b 1"]);

    await kube.stop();
    kube = await createKube({ dataDir: dir, controllers: false, port });
    const after = clientOf(kube.kubeconfig);
    await after.update(CONFIG_MAPS, configMap("a", 3));
    await after.create(CONFIG_MAPS, configMap("c", 1));
    after.close();
    await eventually(
      async () =>
        countIn(informer.get("a", "default")) === "3" && informer.get("c", "default") !== undefined ? true : undefined,
      "the copy is true again",
      15_000,
    );
    assert.deepEqual(
      informer
        .list("default")
        .map((o) => o.metadata.name)
        .sort(),
      ["a", "c"],
    );
  } finally {
    await informer.stop();
    client.close();
    await kube.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});

test("one candidate leads at a time, and when it goes another takes over", async () => {
  const kube = await createKube({ controllers: false });
  const client = clientOf(kube.kubeconfig);
  const leading = new Set<string>();
  let most = 0;
  const candidate = (identity: string) =>
    new LeaderElection(client, {
      name: "test-lease",
      namespace: "default",
      identity,
      log: SILENT,
      now: Date.now,
      leaseMs: 1000,
      renewMs: 600,
      retryMs: 50,
      onLead: () => {
        leading.add(identity);
        most = Math.max(most, leading.size);
      },
      onLose: async () => void leading.delete(identity),
    });
  const candidates = ["a", "b", "c"].map(candidate);
  try {
    for (const c of candidates) c.start();
    for (let round = 0; round < 2; round++) {
      await eventually(async () => (leading.size === 1 ? true : undefined), "one leads");
      const leader = candidates.find((c) => c.leading) as LeaderElection;
      await leader.stop();
      assert.equal(leader.leading, false);
    }
    await eventually(async () => (leading.size === 1 ? true : undefined), "the last one leads");
    assert.equal(most, 1);
  } finally {
    await Promise.all(candidates.map((c) => c.stop()));
    client.close();
    await kube.stop();
  }
});

test("refusals come as the Status the server sent, and a server that is away as KUBE_UNREACHABLE", async () => {
  const kube = await createKube({ controllers: false });
  const client = clientOf(kube.kubeconfig);
  await assert.rejects(client.get(CONFIG_MAPS, "none", "default"), (error) => isReason(error, "NotFound"));
  assert.equal(await client.find(CONFIG_MAPS, "none", "default"), undefined);
  await client.create(CONFIG_MAPS, configMap("a", 1));
  await assert.rejects(client.create(CONFIG_MAPS, configMap("a", 1)), (error) => isReason(error, "AlreadyExists"));
  await kube.stop();
  await assert.rejects(client.get(CONFIG_MAPS, "a", "default"), { code: "KUBE_UNREACHABLE" });
  client.close();
});

/** A server on TLS that answers what `serve` decides, and its client. */
async function strangeServer(serve: (request: IncomingMessage, response: ServerResponse) => void) {
  const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3600_000)];
  const authority = await createCertificateAuthority("an authority", from, to);
  const pair = await issueCertificate(authority, {
    commonName: "a server",
    ipAddresses: ["127.0.0.1"],
    uses: ["server"],
    notBefore: from,
    notAfter: to,
  });
  const server = createServer(pair, serve);
  const port = await listen(server, { host: "127.0.0.1", port: 0 });
  const client = new KubeClient({ server: `https://127.0.0.1:${port}`, ca: authority.cert }, { userAgent: "test" });
  return {
    client,
    async close() {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a leader whose server has stopped answering gives up before others may lead", async () => {
  let silent = false;
  let lease: Record<string, unknown> | undefined;
  const { client, close } = await strangeServer((request, response) => {
    if (silent) return;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const found = request.method !== "GET" || lease !== undefined;
      if (request.method !== "GET") lease = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      response.writeHead(found ? 200 : 404);
      response.end(JSON.stringify(found ? lease : { kind: "Status", reason: "NotFound", code: 404, message: "none" }));
    });
  });
  const events: string[] = [];
  let tell = () => {};
  const after = (count: number) =>
    new Promise<void>((resolve) => {
      tell = () => {
        if (events.length >= count) resolve();
      };
      tell();
    });
  const say = (event: string) => {
    events.push(event);
    tell();
  };
  const election = new LeaderElection(client, {
    name: "lease",
    namespace: "default",
    log: SILENT,
    now: Date.now,
    leaseMs: 1000,
    renewMs: 400,
    retryMs: 20,
    onLead: () => say("leads"),
    onLose: async () => say("lost"),
  });
  try {
    election.start();
    await after(1);
    silent = true;
    const since = performance.now();
    await after(2);
    assert.deepEqual(events, ["leads", "lost"]);
    assert.ok(performance.now() - since < 1000, "the lease was over before");
  } finally {
    await close();
    await election.stop();
  }
});

test("a request on a kept connection that breaks is sent again when that does no harm: a read is, a creation is not", async () => {
  const seen: string[] = [];
  const { client, close } = await strangeServer((request, response) => {
    seen.push(request.method as string);
    request.resume();
    if (seen.length === 2 || seen.length === 4) request.socket.destroy();
    else response.end('{"kind":"ConfigMap","metadata":{"name":"a"}}');
  });
  try {
    await client.get(CONFIG_MAPS, "a", "default");
    await client.get(CONFIG_MAPS, "a", "default");
    await assert.rejects(client.create(CONFIG_MAPS, configMap("a", 1)), { code: "KUBE_UNREACHABLE" });
    assert.deepEqual(seen, ["GET", "GET", "GET", "POST"]);
  } finally {
    await close();
  }
});
