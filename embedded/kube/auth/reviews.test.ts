// Reviews, tokens and their discovery against a running server.
import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { after, before, test } from "node:test";
import { createKube, type Kube } from "../create-kube.ts";
import { BUCKETS, roleRef, START_MS, user } from "./testkit/memory-kube.ts";

interface Reply {
  readonly code: number;
  readonly type: string;
  readonly json: Record<string, unknown> & { status?: Record<string, unknown>; message?: string };
}

const ISSUER = "https://kubernetes.default.svc.cluster.local";
const TOKENS = 'admin-token,admin,u1,"system:masters"\nalice-token,alice,u2\nbob-token,bob,u3,"devs"';
let kube: Kube;
let agent: Agent;
let clockMs = START_MS;

before(async () => {
  kube = await createKube({ tokenFile: TOKENS, controllers: false, now: () => clockMs });
  // The certificate's validity follows the server's clock, which is not ours.
  agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  await put("namespaces", { metadata: { name: "one" }, status: { phase: "Active" } });
  await put("serviceaccounts", { metadata: { name: "robot", namespace: "one" } });
  await put(BUCKETS.roles, {
    metadata: { name: "reader", namespace: "one" },
    rules: [
      { verbs: ["get", "list"], apiGroups: [""], resources: ["configmaps"] },
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["a"] },
    ],
  });
  await put(BUCKETS.roleBindings, {
    metadata: { name: "alice-reads", namespace: "one" },
    subjects: [user("alice"), { kind: "ServiceAccount", name: "robot" }],
    roleRef: roleRef("Role", "reader"),
  });
});

after(async () => {
  agent.destroy();
  await kube.stop();
});

async function put(
  bucket: string,
  object: { metadata: { name: string; namespace?: string; uid?: string }; [key: string]: unknown },
): Promise<void> {
  const { store, uuid } = kube.context;
  const { name, namespace } = object.metadata;
  const key = namespace === undefined ? name : `${namespace}/${name}`;
  const metadata = { uid: uuid(), ...object.metadata };
  await store.commit({
    bucket,
    key,
    next: { kind: "", apiVersion: "v1", ...object, metadata },
    expected: store.latest(bucket, key),
  });
}

async function remove(bucket: string, key: string): Promise<void> {
  const { store } = kube.context;
  await store.commit({ bucket, key, next: undefined, expected: store.latest(bucket, key) });
}

function call(method: string, path: string, body?: unknown, token = "admin-token"): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "user-agent": "test/1" };
    const sent = request(kube.server + path, { method, agent, headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          code: reply.statusCode ?? 0,
          type: String(reply.headers["content-type"]),
          json: JSON.parse(text) as Reply["json"],
        });
      });
      reply.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const AUTHORIZATION = "/apis/authorization.k8s.io/v1";
const AUTHENTICATION = "/apis/authentication.k8s.io/v1";
const self = (spec: object, token?: string, metadata?: object) =>
  call(
    "POST",
    `${AUTHORIZATION}/selfsubjectaccessreviews`,
    { ...(metadata === undefined ? {} : { metadata }), spec },
    token,
  );
const tokenReview = (spec: object) => call("POST", `${AUTHENTICATION}/tokenreviews`, { spec });
const tokenRequest = (spec: object, more: object = {}) =>
  call("POST", "/api/v1/namespaces/one/serviceaccounts/robot/token", { ...more, spec });

async function newToken(spec: object = {}): Promise<string> {
  const { code, json } = await tokenRequest(spec);
  assert.equal(code, 201);
  return json.status?.["token"] as string;
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] as string, "base64url").toString()) as Record<string, unknown>;
}

test("a self review answers 201 with the review, its owner and the reason", async () => {
  const spec = { resourceAttributes: { namespace: "one", verb: "get", resource: "configmaps" } };
  const { code, json } = await self(spec, "alice-token");
  assert.equal(code, 201);
  assert.deepEqual(json, {
    kind: "SelfSubjectAccessReview",
    apiVersion: "authorization.k8s.io/v1",
    metadata: {
      managedFields: [
        {
          manager: "test",
          operation: "Update",
          apiVersion: "authorization.k8s.io/v1",
          time: "2026-01-02T03:04:05Z",
          fieldsType: "FieldsV1",
          fieldsV1: {
            "f:spec": { "f:resourceAttributes": { ".": {}, "f:namespace": {}, "f:resource": {}, "f:verb": {} } },
          },
        },
      ],
    },
    spec,
    status: {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "alice-reads/one" of Role "reader" to User "alice"',
    },
  });
  const refused = await self(
    { resourceAttributes: { namespace: "one", verb: "delete", resource: "configmaps" } },
    "alice-token",
  );
  assert.deepEqual(refused.json.status, { allowed: false });
  assert.deepEqual((await self({ nonResourceAttributes: { path: "/metrics", verb: "get" } })).json.status, {
    allowed: true,
  });
});

test("reviews that ask for neither, both or with metadata are invalid in the recorded words", async () => {
  const neither = await self({});
  assert.equal(neither.code, 422);
  assert.deepEqual(neither.json["details"], {
    group: "authorization.k8s.io",
    causes: [
      {
        reason: "FieldValueInvalid",
        message: "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
        field: "spec.resourceAttributes",
      },
    ],
  });
  assert.equal(
    (
      await self({
        resourceAttributes: { verb: "get", resource: "pods" },
        nonResourceAttributes: { path: "/x", verb: "get" },
      })
    ).json.message,
    '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: cannot be specified in combination with resourceAttributes',
  );
  const named = await self({ resourceAttributes: { verb: "get" } }, undefined, { name: "x" });
  assert.match(
    named.json.message ?? "",
    /^\.authorization\.k8s\.io "" is invalid: metadata: Invalid value: \{"name":"x".*\}: must be empty$/,
  );
});

test("selectors narrow nothing for RBAC; what cannot be read is said", async () => {
  const asked = { verb: "list", resource: "pods" };
  const raw = await self({ resourceAttributes: { ...asked, labelSelector: { rawSelector: "a in (" } } });
  assert.deepEqual(raw.json.status, {
    allowed: true,
    evaluationError: "spec.resourceAttributes.labelSelector ignored due to parse error",
  });
  const requirements = [
    { key: "a", operator: "Exists" },
    { key: "b", operator: "Newer" },
  ];
  const newer = await self({ resourceAttributes: { ...asked, fieldSelector: { requirements } } });
  assert.equal(
    newer.json.status?.["evaluationError"],
    "spec.resourceAttributes.fieldSelector partially ignored due to parse error",
  );
  assert.equal(
    (await self({ resourceAttributes: { ...asked, fieldSelector: {} } })).json.message,
    '.authorization.k8s.io "" is invalid: spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required',
  );
});

test("a subject review asks about anybody, and only who may create it gets an answer", async () => {
  const path = `${AUTHORIZATION}/subjectaccessreviews`;
  const resourceAttributes = { namespace: "one", verb: "get", resource: "secrets", name: "a" };
  const of = (spec: object, token?: string) => call("POST", path, { spec: { ...spec, resourceAttributes } }, token);
  assert.equal((await of({ user: "alice" })).json.status?.["allowed"], true);
  assert.equal((await of({ user: "system:serviceaccount:one:robot" })).json.status?.["allowed"], true);
  assert.equal((await of({ user: "x", groups: ["system:masters"] })).json.status?.["allowed"], true);
  assert.equal(
    (await of({ user: "bob", extra: { ["__proto__"]: ["x"], scopes: ["y"] } })).json.status?.["allowed"],
    false,
  );
  assert.equal(
    (await of({})).json.message,
    '.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
  );
  const refused = await of({ user: "alice" }, "alice-token");
  assert.equal(refused.code, 403);
  assert.equal(
    refused.json.message,
    'subjectaccessreviews.authorization.k8s.io is forbidden: User "alice" cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
  );
});

test("a local review stays in its namespace", async () => {
  const path = `${AUTHORIZATION}/namespaces/one/localsubjectaccessreviews`;
  const about = (namespace: string) => ({
    user: "alice",
    resourceAttributes: { namespace, verb: "list", resource: "configmaps" },
  });
  const { json } = await call("POST", path, { spec: about("one") });
  assert.equal((json["metadata"] as Record<string, unknown>)["namespace"], "one");
  assert.equal(json.status?.["allowed"], true);
  const elsewhere = await call("POST", path, { spec: about("other") });
  assert.equal(elsewhere.code, 422);
  assert.equal(
    elsewhere.json.message,
    '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
  );
  const onPath = await call("POST", path, { spec: { user: "a", nonResourceAttributes: { path: "/x", verb: "get" } } });
  assert.equal(
    onPath.json.message,
    '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: disallowed on this kind of request',
  );
});

test("a rules review lists what the caller's bindings give in a namespace", async () => {
  const path = `${AUTHORIZATION}/selfsubjectrulesreviews`;
  const { code, json } = await call("POST", path, { spec: { namespace: "one" } }, "alice-token");
  assert.equal(code, 201);
  assert.deepEqual([json["metadata"], json["spec"]], [{}, {}]);
  assert.deepEqual(json.status?.["resourceRules"], [
    {
      verbs: ["create"],
      apiGroups: ["authorization.k8s.io"],
      resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    },
    { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
    { verbs: ["get", "list"], apiGroups: [""], resources: ["configmaps"] },
    { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["a"] },
  ]);
  assert.equal(json.status?.["incomplete"], false);
  const nowhere = await call("POST", path, { spec: {} }, "alice-token");
  assert.deepEqual([nowhere.code, nowhere.json.message], [400, "no namespace on request"]);
});

test("a self review of identity names the caller", async () => {
  const { code, json } = await call("POST", `${AUTHENTICATION}/selfsubjectreviews`, {}, "bob-token");
  assert.equal(code, 201);
  assert.deepEqual(json, {
    kind: "SelfSubjectReview",
    apiVersion: "authentication.k8s.io/v1",
    metadata: { creationTimestamp: "2026-01-02T03:04:05Z" },
    status: { userInfo: { username: "bob", uid: "u3", groups: ["devs", "system:authenticated"] } },
  });
});

test("reviews can only be created", async () => {
  assert.equal((await call("GET", `${AUTHORIZATION}/subjectaccessreviews`)).code, 405);
  assert.equal((await call("POST", `${AUTHORIZATION}/localsubjectaccessreviews`, { spec: {} })).code, 404);
});

test("a requested token lets its account in, for the server's audience and an hour unless asked otherwise", async () => {
  const { code, json } = await tokenRequest({});
  assert.equal(code, 201);
  assert.deepEqual(json["spec"], { audiences: [ISSUER], expirationSeconds: 3600, boundObjectRef: null });
  assert.equal(json.status?.["expirationTimestamp"], "2026-01-02T04:04:05Z");
  const token = json.status?.["token"] as string;
  const { jti, "kubernetes.io": own, ...claims } = claimsOf(token);
  assert.deepEqual(claims, {
    aud: [ISSUER],
    exp: START_MS / 1000 + 3600,
    iat: START_MS / 1000,
    iss: ISSUER,
    nbf: START_MS / 1000,
    sub: "system:serviceaccount:one:robot",
  });
  const uid = kube.context.store.latest("serviceaccounts", "one/robot")?.object.metadata.uid;
  assert.deepEqual(own, { namespace: "one", serviceaccount: { name: "robot", uid } });
  const who = await call("POST", `${AUTHENTICATION}/selfsubjectreviews`, {}, token);
  assert.deepEqual(who.json.status, {
    userInfo: {
      username: "system:serviceaccount:one:robot",
      uid,
      groups: ["system:serviceaccounts", "system:serviceaccounts:one", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": [`JTI=${String(jti)}`] },
    },
  });
});

test("token requests are refused in the recorded words", async () => {
  const message = async (reply: Promise<Reply>) => {
    const { code, json } = await reply;
    return [code, json.message];
  };
  assert.deepEqual(await message(tokenRequest({ expirationSeconds: 599 })), [
    422,
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
  ]);
  assert.deepEqual(await message(tokenRequest({ expirationSeconds: 4294967297 })), [
    422,
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
  ]);
  assert.deepEqual(
    await message(tokenRequest({ boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "x" } })),
    [400, "cannot bind token to object of type /v1, Kind=ConfigMap"],
  );
  assert.deepEqual(await message(tokenRequest({ boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "none" } })), [
    404,
    'pods "none" not found',
  ]);
  assert.deepEqual(await message(tokenRequest({}, { metadata: { name: "other" } })), [
    422,
    'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
  ]);
  assert.deepEqual(
    await message(
      call("POST", "/api/v1/namespaces/one/serviceaccounts/none/token", { spec: { expirationSeconds: 1 } }),
    ),
    [404, 'serviceaccounts "none" not found'],
  );
  assert.equal((await call("GET", "/api/v1/namespaces/one/serviceaccounts/robot/token")).code, 405);
});

test("a token bound to a pod says where the pod runs, lives a year for clients that never read it again, and ends with the pod", async () => {
  await put("pods", {
    metadata: { name: "p", namespace: "one", uid: "pod-uid" },
    spec: { serviceAccountName: "robot", nodeName: "n1" },
  });
  const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: "p" };
  const token = await newToken({ boundObjectRef, expirationSeconds: 3607 });
  const claims = claimsOf(token);
  assert.equal(claims["exp"], START_MS / 1000 + 365 * 24 * 3600);
  const own = claims["kubernetes.io"] as Record<string, unknown>;
  assert.deepEqual(
    [own["pod"], own["node"], own["warnafter"]],
    [{ name: "p", uid: "pod-uid" }, { name: "n1" }, START_MS / 1000 + 3607],
  );
  assert.equal((await call("GET", "/api", undefined, token)).code, 200);
  const conflict = await tokenRequest({ boundObjectRef: { ...boundObjectRef, uid: "other" } });
  assert.equal(conflict.code, 409);
  assert.equal(
    conflict.json.message,
    'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (other) does not match the UID in record. The object might have been deleted and then recreated',
  );
  await remove("pods", "one/p");
  assert.equal((await call("GET", "/api", undefined, token)).code, 401);
  await put("pods", { metadata: { name: "p", namespace: "one" }, spec: { serviceAccountName: "default" } });
  assert.equal(
    (await tokenRequest({ boundObjectRef })).json.message,
    'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
  );
});

test("a TokenReview judges tokens for the audiences it names", async () => {
  const token = await newToken({ audiences: ["vault"] });
  assert.equal((await call("GET", "/api", undefined, token)).code, 401);
  const good = await tokenReview({ token, audiences: ["vault", "db"] });
  assert.equal(good.code, 201);
  assert.deepEqual([good.json.status?.["authenticated"], good.json.status?.["audiences"]], [true, ["vault"]]);
  assert.deepEqual((await tokenReview({ token })).json.status, {
    user: {},
    error: `[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["${ISSUER}"]]`,
  });
  assert.deepEqual((await tokenReview({ token: "nonsense" })).json.status, { user: {}, error: "invalid bearer token" });
  assert.deepEqual((await tokenReview({ token: "bob-token" })).json.status, {
    authenticated: true,
    user: { username: "bob", uid: "u3", groups: ["devs", "system:authenticated"] },
    audiences: [ISSUER],
  });
  assert.deepEqual((await tokenReview({ token: "bob-token", audiences: ["vault"] })).json.status, {
    user: {},
    error: "invalid bearer token",
  });
  const empty = await tokenReview({});
  assert.deepEqual([empty.code, empty.json.message], [400, "token is required for TokenReview in authentication"]);
});

test("an expired token is nobody's", async () => {
  const token = await newToken({ expirationSeconds: 600 });
  try {
    clockMs = START_MS + 661_000;
    assert.equal((await call("GET", "/api", undefined, token)).code, 401);
    assert.equal(
      (await tokenReview({ token })).json.status?.["error"],
      "[invalid bearer token, service account token has expired]",
    );
  } finally {
    clockMs = START_MS;
  }
});

test("accounts may read the issuer's description and keys; others need the right", async () => {
  const token = await newToken();
  const jwks = await call("GET", "/openid/v1/jwks", undefined, token);
  assert.deepEqual([jwks.code, jwks.type], [200, "application/jwk-set+json"]);
  const [key] = jwks.json["keys"] as Record<string, string>[];
  const header = JSON.parse(Buffer.from(token.split(".")[0] as string, "base64url").toString()) as Record<
    string,
    unknown
  >;
  assert.deepEqual(header, { alg: "ES256", kid: key?.["kid"] });
  assert.deepEqual((await call("GET", "/.well-known/openid-configuration", undefined, token)).json, {
    issuer: ISSUER,
    jwks_uri: `${kube.server}/openid/v1/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
  });
  const refused = await call("GET", "/openid/v1/jwks", undefined, "alice-token");
  assert.deepEqual(
    [refused.code, refused.json.message],
    [403, 'forbidden: User "alice" cannot get path "/openid/v1/jwks"'],
  );
});

test("groups impersonated without a user are a plain-text 500 that names the path", async () => {
  const reply = await new Promise<{ code?: number | undefined; type?: string | undefined; text: string }>(
    (resolve, reject) => {
      const headers = { authorization: "Bearer admin-token", "impersonate-group": "devs" };
      const sent = request(`${kube.server}/api?a=1&b=2`, { agent, headers }, async (answer) => {
        let text = "";
        for await (const chunk of answer) text += String(chunk);
        resolve({ code: answer.statusCode, type: answer.headers["content-type"], text });
      });
      sent.on("error", reject);
      sent.end();
    },
  );
  assert.equal(reply.code, 500);
  assert.match(String(reply.type), /^text\/plain/);
  assert.match(
    reply.text,
    /^Internal Server Error: "\/api\?a=1&amp;b=2": requested \[.*\] without impersonating a user\n$/,
  );
});
