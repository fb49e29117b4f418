import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { openMemoryKube, START_MS } from "../testkit/memory-kube.ts";
import { loadEs256Key } from "./es256-key.ts";
import { encodeClaims, type TokenClaims } from "./token-claims.ts";
import { TokenVerifier } from "./token-verifier.ts";

const ISSUER = "https://kubernetes.default.svc.cluster.local";
const KEY = loadEs256Key(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "pem", type: "pkcs8" }) as string,
);
const NOW = START_MS / 1000;

async function world() {
  const kube = await openMemoryKube();
  for (const [bucket, name, namespace] of [
    ["serviceaccounts", "robot", "one"],
    ["pods", "pod", "one"],
    ["secrets", "secret", "one"],
    ["nodes", "node", undefined],
  ] as const) {
    await kube.put(bucket, { metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });
  }
  const verifier = new TokenVerifier({
    store: kube.store,
    key: KEY,
    issuer: ISSUER,
    audiences: [ISSUER],
    now: () => kube.clockMs,
  });
  const uid = (bucket: string, key: string) => kube.store.latest(bucket, key)?.object.metadata.uid as string;
  const token = (claims: Partial<TokenClaims> = {}) =>
    KEY.sign(
      encodeClaims({
        issuer: ISSUER,
        subject: "system:serviceaccount:one:robot",
        audiences: [ISSUER],
        issuedAt: NOW,
        notBefore: NOW,
        expires: NOW + 3600,
        id: "11111111-2222-3333-4444-555555555555",
        namespace: "one",
        account: { name: "robot", uid: uid("serviceaccounts", "one/robot") },
        ...claims,
      }),
    );
  return { kube, verifier, token, uid };
}

test("a token in force tells whose it is, with the object it is bound to", async () => {
  const { verifier, token, uid } = await world();
  assert.deepEqual(verifier.judge(token()), {
    type: "accepted",
    user: {
      username: "system:serviceaccount:one:robot",
      uid: uid("serviceaccounts", "one/robot"),
      groups: ["system:serviceaccounts", "system:serviceaccounts:one"],
      extra: { "authentication.kubernetes.io/credential-id": ["JTI=11111111-2222-3333-4444-555555555555"] },
    },
    audiences: [ISSUER],
  });
  const bound = verifier.judge(
    token({ pod: { name: "pod", uid: uid("pods", "one/pod") }, node: { name: "elsewhere" } }),
  );
  assert.deepEqual(bound.type === "accepted" && bound.user.extra, {
    "authentication.kubernetes.io/credential-id": ["JTI=11111111-2222-3333-4444-555555555555"],
    "authentication.kubernetes.io/node-name": ["elsewhere"],
    "authentication.kubernetes.io/pod-name": ["pod"],
    "authentication.kubernetes.io/pod-uid": [uid("pods", "one/pod")],
  });
});

test("audiences are met when one is common", async () => {
  const { verifier, token } = await world();
  const forVault = token({ audiences: ["vault", "db"] });
  assert.deepEqual(verifier.judge(forVault), {
    type: "refused",
    problem: `token audiences ["vault" "db"] is invalid for the target audiences ["${ISSUER}"]`,
  });
  const verdict = verifier.judge(forVault, ["other", "vault"]);
  assert.deepEqual(verdict.type === "accepted" && verdict.audiences, ["vault"]);
});

test("times hold with a minute of leeway, also for a token seen before", async () => {
  const { kube, verifier, token } = await world();
  const problemAt = (seconds: number, text: string) => {
    kube.clockMs = (NOW + seconds) * 1000;
    const verdict = verifier.judge(text);
    return verdict.type === "accepted" ? "accepted" : verdict.problem;
  };
  const text = token();
  assert.equal(problemAt(0, text), "accepted");
  assert.equal(problemAt(3660, text), "accepted");
  assert.equal(problemAt(3661, text), "service account token has expired");
  assert.equal(problemAt(-60, text), "accepted");
  assert.equal(problemAt(-61, text), "service account token is not valid yet");
  assert.equal(problemAt(0, token({ issuedAt: NOW + 61 })), "service account token is issued in the future");
});

test("a token ends with its account", async () => {
  const { kube, verifier, token } = await world();
  const text = token();
  assert.equal(verifier.judge(text).type, "accepted");
  const old = kube.store.latest("serviceaccounts", "one/robot")?.object.metadata.uid as string;
  await kube.remove("serviceaccounts", "one/robot");
  assert.deepEqual(verifier.judge(text), { type: "refused", problem: 'serviceaccounts "robot" not found' });
  await kube.put("serviceaccounts", { metadata: { name: "robot", namespace: "one" } });
  const next = kube.store.latest("serviceaccounts", "one/robot")?.object.metadata.uid as string;
  assert.deepEqual(verifier.judge(text), {
    type: "refused",
    problem: `service account UID (${next}) does not match claim (${old})`,
  });
});

test("a bound token ends with what it is bound to", async () => {
  for (const [what, bucket, key] of [
    ["pod", "pods", "one/pod"],
    ["secret", "secrets", "one/secret"],
    ["node", "nodes", "node"],
  ] as const) {
    const { kube, verifier, token, uid } = await world();
    const text = token({ [what]: { name: what, uid: uid(bucket, key) } });
    assert.equal(verifier.judge(text).type, "accepted", what);
    assert.deepEqual(verifier.judge(token({ [what]: { name: what, uid: "other" } })), {
      type: "refused",
      problem: `${what} UID (${uid(bucket, key)}) does not match service account ${what} ref claim (other)`,
    });
    const { metadata } = (kube.store.latest(bucket, key) as { object: { metadata: object } }).object;
    const leaving = (seconds: number) => new Date(START_MS - seconds * 1000).toISOString().replace(".000", "");
    await kube.put(bucket, { metadata: { ...metadata, deletionTimestamp: leaving(30) } });
    assert.equal(verifier.judge(text).type, "accepted", what);
    await kube.put(bucket, { metadata: { ...metadata, deletionTimestamp: leaving(61) } });
    assert.deepEqual(verifier.judge(text), { type: "refused", problem: "service account token has been invalidated" });
    await kube.remove(bucket, key);
    assert.deepEqual(verifier.judge(text), { type: "refused", problem: "service account token has been invalidated" });
  }
});

test("tokens of other issuers and keys are left to others, without a reason", async () => {
  const { verifier, token } = await world();
  assert.deepEqual(verifier.judge(token({ issuer: "https://elsewhere" })), { type: "refused" });
  assert.deepEqual(verifier.judge("admin-token"), { type: "refused" });
  const text = token();
  assert.deepEqual(verifier.judge(`${text.slice(0, -8)}AAAAAAAA`), { type: "refused" });
});

test("signed claims of the wrong shape are refused", async () => {
  const { verifier, token } = await world();
  const good = JSON.parse(Buffer.from(token().split(".")[1] as string, "base64url").toString()) as Record<
    string,
    unknown
  >;
  const own = good["kubernetes.io"] as Record<string, unknown>;
  for (const bad of [
    { ...good, exp: "soon" },
    { ...good, exp: undefined },
    { ...good, aud: [1] },
    { ...good, aud: undefined },
    { ...good, "kubernetes.io": undefined },
    { ...good, "kubernetes.io": { ...own, serviceaccount: { name: "robot" } } },
    { ...good, "kubernetes.io": { ...own, pod: "pod" } },
  ]) {
    assert.deepEqual(verifier.judge(KEY.sign(bad)), {
      type: "refused",
      problem: "service account token claims could not be validated due to unexpected validation error",
    });
  }
});

test("more tokens than are remembered are still judged", async () => {
  const { verifier, token } = await world();
  const first = token({ id: "first" });
  for (let i = 0; i < 1100; i++) assert.equal(verifier.judge(token({ id: String(i) })).type, "accepted");
  assert.equal(verifier.judge(first).type, "accepted");
});
