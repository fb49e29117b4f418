// butler-controller while its API server is slow or away.
import assert from "node:assert/strict";
import { get } from "node:http";
import { createServer } from "node:net";
import { mock, test } from "node:test";
import { BUTLER_CONTROLLER_CONFIG } from "@holdfast/butler-controller/config";
import { createButlerController } from "@holdfast/butler-controller/create-butler-controller";
import { QuotaLedger } from "@holdfast/butler-controller/webhooks/quota-ledger";
import { EMPTY_LEDGER } from "@holdfast/domain/quota/reservation";
import { createKube } from "@holdfast/embedded-kube/create-kube";
import { parseConfig } from "@holdfast/runtime/config/config";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { SILENT } from "@holdfast/runtime/log/logger";
import { listen } from "@holdfast/runtime/net/listener";
import { eventually } from "@holdfast/runtime/testkit/eventually";

function answer(url: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, async (response) => {
      let text = "";
      for await (const chunk of response) text += String(chunk);
      resolve({ code: response.statusCode ?? 0, text });
    }).on("error", reject);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a controller that waits for its API server is alive and says what it waits for", async (t) => {
  const port = await freePort();
  const { config } = parseConfig("butler-controller", BUTLER_CONTROLLER_CONFIG, {
    argv: [`--health-probe-bind-address=127.0.0.1:${port}`, "--metrics-bind-address=0", "--webhook-bind-address=0"],
    env: {},
  });
  const controller = createButlerController(config, { connection: { server: "https://127.0.0.1:1" }, log: SILENT });
  t.after(() => controller.stop());
  void controller.start();
  const alive = await eventually(() => answer(`http://127.0.0.1:${port}/healthz`).catch(() => undefined), "it answers");
  assert.equal(alive.code, 200);
  assert.deepEqual(await answer(`http://127.0.0.1:${port}/readyz`), {
    code: 503,
    text: ["teams", "namespaces", "tenantclusters", "butlerconfigs", "providerconfigs", "rolebindings"]
      .map((kind) => `${kind} are not read yet\n`)
      .join(""),
  });
});

test("a request for quota whose turn comes after its caller has given up is refused and reserves nothing", async (t) => {
  const kube = await createKube({ controllers: false });
  const client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "test" });
  t.after(async () => {
    client.close();
    await kube.stop();
  });
  let clock = 0;
  mock.method(performance, "now", () => clock);
  t.after(() => mock.restoreAll());
  const ledger = new QuotaLedger(client, "default");
  let release: (() => void) | undefined;
  const first = ledger.update("acme", async (stored) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return stored;
  });
  let asked = false;
  const second = ledger.update("acme", async () => {
    asked = true;
    return EMPTY_LEDGER;
  });
  const refused = assert.rejects(second, {
    code: "BUTLER_LEDGER_BUSY",
    message: "Cannot reserve quota for team acme: the request waited 10001 ms for its turn; try again",
  });
  const finish = await eventually(async () => release, "the first is being judged");
  clock = 10_001;
  finish();
  assert.equal(await first, undefined);
  await refused;
  assert.equal(asked, false);
});
