import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { BUTLER_CONTROLLER_CONFIG } from "@holdfast/butler-controller/config";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import { eventually } from "@holdfast/runtime/testkit/eventually";
import {
  createCertificateAuthority,
  issueCertificate,
  type KeyPair,
} from "@holdfast/runtime/tls/certificate-authority";

const cli = join(import.meta.dirname, "../../apps/cli/holdfast.ts");
let kube: Kube;
let folder: string;
let authority: KeyPair;
let child: ChildProcess;
let port = 0;
let errors = "";

const pair = () =>
  issueCertificate(authority, {
    commonName: "webhook",
    dnsNames: ["localhost"],
    ipAddresses: ["127.0.0.1"],
    uses: ["server"],
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 86_400_000),
  });
const mount = ({ cert, key }: KeyPair) => {
  writeFileSync(join(folder, "tls.crt"), cert);
  writeFileSync(join(folder, "tls.key"), key);
};
const serialOf = () =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca: authority.cert, servername: "localhost" }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.end();
    });
    socket.on("error", reject);
  });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-cert-"));
  authority = await createCertificateAuthority(
    "test authority",
    new Date(Date.now() - 60_000),
    new Date(Date.now() + 86_400_000),
  );
  kube = await createKube();
  writeFileSync(join(folder, "kubeconfig"), kube.kubeconfig);
  mount(await pair());
  child = spawn(
    process.execPath,
    [
      cli,
      "run",
      "butler-controller",
      "-o",
      "json",
      `--kubeconfig=${join(folder, "kubeconfig")}`,
      `--webhook-cert-dir=${folder}`,
      "--webhook-bind-address=127.0.0.1:0",
      "--metrics-bind-address=0",
      "--health-probe-bind-address=0",
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ready = await new Promise<{ parts: { name: string; url: string }[] }>((resolve, reject) => {
    child.stdout?.once("data", (chunk: Buffer) => resolve(JSON.parse(chunk.toString())));
    child.once("exit", () => reject(new Error(`the controller ended: ${errors}`)));
  });
  port = Number(new URL(ready.parts.find((p) => p.name === "webhooks")?.url ?? "").port);
});
after(async () => {
  child.kill();
  await kube.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("[bch-cert-reload-10s] [bch-cert-auto-rotate] a new mounted certificate is served within 10 s without restart, a broken one is refused", async () => {
  assert.equal(BUTLER_CONTROLLER_CONFIG.webhookCertPollInterval.default, 10_000);
  const first = await serialOf();
  const { pid } = child;
  // A connection from before the change.
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.cert, servername: "localhost" });
  const ping = () =>
    new Promise<{ status: number | undefined; serial: string }>((resolve, reject) => {
      const ask = request({ host: "127.0.0.1", port, path: "/ping", agent }, (response) => {
        response.resume();
        const serial = (response.socket as import("node:tls").TLSSocket).getPeerCertificate().serialNumber;
        response.on("end", () => resolve({ status: response.statusCode, serial }));
      });
      ask.on("error", reject);
      ask.end();
    });
  assert.deepEqual(await ping(), { status: 200, serial: first });

  mount(await pair());
  const replacedAt = Date.now();
  const second = await eventually(
    async () => ((await serialOf()) === first ? undefined : serialOf()),
    "the new certificate is served",
    12_000,
  );
  assert.ok(Date.now() - replacedAt < 11_000);
  assert.notEqual(second, first);
  assert.deepEqual(await ping(), { status: 200, serial: first }, "the connection in flight was cut");
  assert.equal(child.exitCode, null);
  assert.equal(child.pid, pid);
  for (let i = 0; i < 5; i++) assert.equal(await serialOf(), second);

  writeFileSync(join(folder, "tls.key"), (await pair()).key);
  await eventually(
    async () => (errors.includes("tls.key does not belong to tls.crt") ? true : undefined),
    "the broken pair is refused and logged",
    12_000,
  );
  assert.equal(await serialOf(), second);
  agent.destroy();
});
