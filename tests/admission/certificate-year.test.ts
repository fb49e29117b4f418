import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { advanceCertificates, type SelfManagedParts } from "@holdfast/butler-controller/certificates/self-managed";
import { validatingConfiguration } from "@holdfast/butler-controller/webhooks/configurations";
import { createKube } from "@holdfast/embedded-kube/create-kube";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { SILENT } from "@holdfast/runtime/log/logger";
import { REFS } from "../harness/butler-cluster.ts";

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);
const NAME = "butler-controller-webhook.butler-system.svc";

interface Replica {
  leaf: string;
  nextLook: number;
}

/** Why a call of the API server would fail at this moment; undefined when it would not. */
function callFails(leafPem: string, bundle: string, now: number): string | undefined {
  const leaf = new X509Certificate(leafPem);
  if (now < leaf.validFromDate.getTime() || now > leaf.validToDate.getTime())
    return "the leaf is not valid at this time";
  if (leaf.checkHost(NAME) === undefined) return "the leaf has another name";
  const authorities = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const trusted = authorities
    .map((pem) => new X509Certificate(pem))
    .some((ca) => leaf.verify(ca.publicKey) && now <= ca.validToDate.getTime());
  return trusted ? undefined : "no authority in the caBundle signed the leaf";
}

/**
 * Three replicas and an API server live through a virtual year. Quiet time is skipped: replicas look when something is due, and every
 * half hour while a change spreads, each at a moment of its own.
 */
async function liveThroughAYear(
  renew: boolean,
): Promise<{ calls: number; failures: string[]; leaves: number; authorities: number }> {
  const kube = await createKube({ controllers: false });
  const client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "test" });
  try {
    await client.create(REFS.namespaces, { kind: "Namespace", apiVersion: "v1", metadata: { name: "butler-system" } });
    await client.create(
      REFS.validating,
      validatingConfiguration("butler-controller", {
        service: { namespace: "butler-system", name: "butler-controller-webhook", port: 443 },
      }),
    );
    let clock = START;
    const parts: SelfManagedParts = {
      client,
      namespace: "butler-system",
      names: [NAME],
      configurationName: "butler-controller",
      log: SILENT,
      now: () => clock,
    };
    const look = async (replica: Replica, offset: number) => {
      const { set, nextLookMs } = await advanceCertificates(parts);
      replica.leaf = set.leaf.cert;
      replica.nextLook =
        clock + (set.other === undefined && nextLookMs >= DAY ? DAY : Math.min(nextLookMs, HOUR / 2)) + offset;
    };
    const replicas: Replica[] = [0, 1, 2].map(() => ({ leaf: "", nextLook: 0 }));
    // All three start at the same moment: one makes the Secret, the others take it over.
    await Promise.all(replicas.map((replica, i) => look(replica, i * 60_000)));
    const failures: string[] = [];
    const leaves = new Set<string>();
    const bundles = new Set<string>();
    let calls = 0;
    while (clock < START + 366 * DAY) {
      const next = replicas.reduce((a, b) => (a.nextLook <= b.nextLook ? a : b));
      clock = renew ? Math.max(clock, next.nextLook) : clock + DAY;
      const before = replicas.map((r) => r.leaf);
      if (renew) await look(next, 60_000);
      // Who has not looked since a change still serves the old leaf: those calls count too.
      if (replicas.some((r, i) => r.leaf !== before[i]))
        for (const replica of replicas) replica.nextLook = Math.min(replica.nextLook, clock + HOUR / 2);
      const configuration = await client.get<KubeObject>(REFS.validating, "butler-controller");
      const [webhook] = configuration["webhooks"] as [{ clientConfig: { caBundle: string } }];
      const bundle = Buffer.from(webhook.clientConfig.caBundle, "base64").toString("utf8");
      bundles.add(bundle);
      for (const replica of replicas) {
        leaves.add(replica.leaf);
        calls++;
        const why = callFails(replica.leaf, bundle, clock);
        if (why !== undefined) failures.push(`day ${Math.floor((clock - START) / DAY)}: ${why}`);
      }
    }
    return { calls, failures, leaves: leaves.size, authorities: bundles.size };
  } finally {
    client.close();
    await kube.stop();
  }
}

test("[bch-cert-no-action] three replicas live through a year of rotation without one failed call", async () => {
  const year = await liveThroughAYear(true);
  assert.deepEqual(year.failures, []);
  assert.ok(year.calls > 1000, `${year.calls} calls`);
  // Leaves of 60 days and one change of authority: old bundle, old and new, new and old, new bundle.
  assert.ok(year.leaves >= 6, `${year.leaves} leaves`);
  assert.equal(year.authorities, 4);
});

test("with renewal switched off the same year ends in failed calls", async () => {
  const year = await liveThroughAYear(false);
  assert.equal(year.failures[0], "day 91: the leaf is not valid at this time");
});
