// Starts that go wrong leave nothing behind.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createKube } from "./create-kube.ts";
import { loadCredentials, writeSecretFile } from "./credentials.ts";

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "holdfast-kube-"));
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test("a start on a port that is taken fails, and the same directory can be started on another", async () => {
  await inFolder(async (dataDir) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await assert.rejects(createKube({ dataDir, port }), { code: "EADDRINUSE" });
    assert.equal((await readdir(join(dataDir, "store"))).includes("LOCK"), false);
    other.close();
    const kube = await createKube({ dataDir });
    assert.match(kube.server, /^https:\/\/127\.0\.0\.1:\d+$/);
    await kube.stop();
  });
});

const NOW = Date.UTC(2026, 0, 2);

test("a server certificate is made anew when it lacks a name that is served now", async () => {
  await inFolder(async (dir) => {
    const first = await loadCredentials(dir, { hosts: [], now: NOW });
    const again = await loadCredentials(dir, { hosts: [], now: NOW });
    assert.equal(again.server.cert, first.server.cert);
    const named = await loadCredentials(dir, { hosts: ["api.example.com", "192.0.2.7"], now: NOW });
    const certificate = new X509Certificate(named.server.cert);
    assert.equal(certificate.checkHost("api.example.com"), "api.example.com");
    assert.equal(certificate.checkIP("192.0.2.7"), "192.0.2.7");
    assert.equal(named.ca.cert, first.ca.cert);
    assert.equal(named.admin.cert, first.admin.cert);
  });
});

test("leaves of an authority that was replaced are made anew, also when the start that replaced it died in between", async () => {
  await inFolder(async (dir) => {
    const first = await loadCredentials(dir, { hosts: [], now: NOW });
    await inFolder(async (elsewhere) => {
      const { ca } = await loadCredentials(elsewhere, { hosts: [], now: NOW });
      await writeSecretFile(join(dir, "ca.crt"), ca.cert);
      await writeSecretFile(join(dir, "ca.key"), ca.key);
    });
    const next = await loadCredentials(dir, { hosts: [], now: NOW });
    const authority = new X509Certificate(next.ca.cert).publicKey;
    assert.notEqual(next.ca.cert, first.ca.cert);
    assert.equal(new X509Certificate(next.server.cert).verify(authority), true);
    assert.equal(new X509Certificate(next.admin.cert).verify(authority), true);
  });
});
