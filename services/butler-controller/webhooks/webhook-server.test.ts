import assert from "node:assert/strict";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { SILENT } from "@holdfast/runtime/log/logger";
import { Metrics } from "@holdfast/runtime/metrics/metrics";
import { createCertificateAuthority, issueCertificate } from "@holdfast/runtime/tls/certificate-authority";
import { BUTLER_CONTROLLER_METRICS } from "../metrics.ts";
import { WebhookServer } from "./webhook-server.ts";

const PATH = "/validate-a";
const MIB = 1024 * 1024;
let server: WebhookServer;
let port: number;

before(async () => {
  const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3600_000)];
  const authority = await createCertificateAuthority("an authority", from, to);
  const pair = await issueCertificate(authority, {
    commonName: "a leaf",
    ipAddresses: ["127.0.0.1"],
    uses: ["server"],
    notBefore: from,
    notAfter: to,
  });
  const judge = {
    webhook: "vteam.kb.io",
    path: PATH,
    kind: "Team",
    errorCode: 500,
    judge: () => Promise.resolve({ allowed: true }),
  } as const;
  server = new WebhookServer({ judges: [judge], metrics: new Metrics(BUTLER_CONTROLLER_METRICS), log: SILENT }, pair);
  port = await server.listen({ host: "127.0.0.1", port: 0 });
});
after(() => server.close(0));

function open(headers: Record<string, string | number> = {}): {
  sent: ClientRequest;
  answer: Promise<IncomingMessage>;
} {
  const sent = request({ port, path: PATH, method: "POST", rejectUnauthorized: false, agent: false, headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on("response", resolve);
    sent.on("error", reject);
  });
  return { sent, answer };
}

const REVIEW = JSON.stringify({
  kind: "AdmissionReview",
  apiVersion: "admission.k8s.io/v1",
  request: { uid: "1", operation: "CREATE" },
});

async function review(): Promise<number> {
  const { sent, answer } = open();
  sent.end(REVIEW);
  const { statusCode = 0 } = (await answer).resume();
  return statusCode;
}

test("a review that says it is larger than 8 MiB is refused before it is sent", async () => {
  const { sent, answer } = open({ "content-length": 8 * MIB + 1 });
  sent.flushHeaders();
  assert.equal((await answer).resume().statusCode, 413);
});

test("a review that grows over 8 MiB is refused", async () => {
  const { sent, answer } = open();
  sent.write(Buffer.alloc(9 * MIB));
  assert.equal((await answer).resume().statusCode, 413);
});

test("half-sent reviews cannot fill the memory: past 64 MiB of them 503, and reviews pass again when they are gone", async () => {
  const half = Array.from({ length: 9 }, () => open({ "content-length": 8 * MIB }));
  for (const { sent } of half) sent.write(Buffer.alloc(8 * MIB - 1));
  const refused = await Promise.any(half.map(({ answer }) => answer));
  assert.equal(refused.resume().statusCode, 503);
  for (const { sent, answer } of half) {
    answer.catch(() => undefined);
    sent.destroy();
  }
  let code = await review();
  while (code === 503) code = await review();
  assert.equal(code, 200);
});
