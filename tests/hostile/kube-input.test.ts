// Bytes nobody should send: each gets a refusal of the API's own kind within bounded time, and nothing stored is touched.
import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";

const CONFIG_MAPS = { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" };
const PATH = "/api/v1/namespaces/default/configmaps";
const MOST_MS = 3000;

let kube: Kube;
let client: KubeClient;
let before_: string;
before(async () => {
  kube = await createKube();
  client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "test" });
  await client.create(CONFIG_MAPS, {
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata: { name: "kept", namespace: "default" },
    data: { a: "1" },
  });
  before_ = JSON.stringify(await client.get(CONFIG_MAPS, "kept", "default"));
});
after(async () => {
  assert.equal(
    JSON.stringify(await client.get(CONFIG_MAPS, "kept", "default")),
    before_,
    "a stored object was touched",
  );
  client.close();
  await kube.stop();
});

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

function send(
  method: string,
  path: string,
  body?: string | Buffer,
  contentType = "application/json",
  headers: Record<string, string> = {},
): Promise<Reply> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const { ca, cert, key, server } = client.connection;
    const ask = request(
      `${server}${path}`,
      {
        method,
        ca,
        cert,
        key,
        agent: false,
        headers: {
          ...(body === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: text, ms: performance.now() - started }),
        );
      },
    );
    // The server may close before it has read everything: an answer that arrived counts, a connection that was cut is answered as 0.
    ask.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET") resolve({ status: 0, body: "", ms: performance.now() - started });
      else if (error.code !== "EPIPE") reject(error);
    });
    ask.setTimeout(10_000, () => reject(new Error("no answer in 10 s")));
    ask.end(body);
  });
}

async function refused(reply: Promise<Reply>, status: number, reason?: string): Promise<void> {
  const { status: got, body, ms } = await reply;
  assert.equal(got, status, body.slice(0, 300));
  assert.ok(ms < MOST_MS, `it took ${Math.round(ms)} ms`);
  if (reason !== undefined) assert.equal((JSON.parse(body) as { reason?: string }).reason, reason);
}

const post = (body: string | Buffer, contentType?: string) => send("POST", PATH, body, contentType);

test("a body of 10 MB is refused, at its announcement or as soon as too much has come", async () => {
  await refused(post("x".repeat(10 * 1024 * 1024)), 413, "RequestEntityTooLarge");
  // Announced only: not a byte of it is sent, and the answer is there all the same.
  const announced = await new Promise<number>((resolve, reject) => {
    const { ca, cert, key, server } = client.connection;
    const ask = request(`${server}${PATH}`, {
      method: "POST",
      ca,
      cert,
      key,
      agent: false,
      headers: { "content-type": "application/json", "content-length": 10 * 1024 * 1024 },
    });
    ask.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      ask.destroy();
    });
    ask.on("error", reject);
    ask.flushHeaders();
  });
  assert.equal(announced, 413);
});

test("what is no JSON, no object, or of another kind is a 400", async () => {
  for (const body of [
    "{",
    "[]",
    "null",
    "5",
    '"text"',
    '{"kind":"ConfigMap"',
    "\u0000",
    "\ufeff{",
    '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}',
  ]) {
    const { status, body: text } = await post(body);
    assert.equal(status, 400, `${JSON.stringify(body)}: ${text.slice(0, 200)}`);
  }
});

test("JSON nested 100,000 deep is refused, in JSON and in YAML", async () => {
  const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  await refused(post(deep), 400);
  await refused(post(deep, "application/yaml"), 400);
  const list = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`;
  await refused(post(list), 400);
});

test("a YAML bomb of aliases is refused", async () => {
  const lines = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (let i = 1; i < 12; i++)
    lines.push(
      `${"abcdefghijkl"[i]}: &${"abcdefghijkl"[i]} [${Array(9)
        .fill(`*${"abcdefghijkl"[i - 1]}`)
        .join(",")}]`,
    );
  await refused(post(lines.join("\n"), "application/yaml"), 400);
});

test("keys named like members of a prototype are data or refused, never a prototype", async () => {
  const reply = await post(
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto","labels":{"constructor":"x"}},"data":{"__proto__":"1","constructor":"2","toString":"3"}}',
  );
  assert.equal(reply.status, 201, reply.body);
  assert.deepEqual(Object.keys((JSON.parse(reply.body) as { data: object }).data).sort(), [
    "__proto__",
    "constructor",
    "toString",
  ]);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  const patched = await send(
    "PATCH",
    `${PATH}/proto`,
    '{"__proto__":{"polluted":"yes"},"data":{"x":"1"}}',
    "application/merge-patch+json",
  );
  assert.ok(patched.status < 500, patched.body);
  const jsonPatch = await send(
    "PATCH",
    `${PATH}/proto`,
    '[{"op":"add","path":"/__proto__/polluted","value":"yes"}]',
    "application/json-patch+json",
  );
  assert.ok(jsonPatch.status < 500, jsonPatch.body);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("protobuf cut at every byte, and with bytes changed, never ends in a 500", async () => {
  // kind ConfigMap, v1, metadata.name "pb", data {a: "1"}
  const inner = Buffer.concat([
    Buffer.from([0x0a, 0x04, 0x0a, 0x02]),
    Buffer.from("pb"),
    Buffer.from([0x12, 0x06, 0x0a, 0x01, 0x61, 0x12, 0x01, 0x31]),
  ]);
  const meta = Buffer.concat([
    Buffer.from([0x0a, 0x02]),
    Buffer.from("v1"),
    Buffer.from([0x12, 0x09]),
    Buffer.from("ConfigMap"),
  ]);
  const body = Buffer.concat([
    Buffer.from([0x6b, 0x38, 0x73, 0x00, 0x0a, meta.length]),
    meta,
    Buffer.from([0x12, inner.length]),
    inner,
  ]);
  const type = "application/vnd.kubernetes.protobuf";
  const whole = await send("POST", `${PATH}?dryRun=All`, body, type);
  assert.equal(whole.status, 201, whole.body);
  assert.deepEqual((JSON.parse(whole.body) as { data: unknown }).data, { a: "1" });
  for (let end = 0; end < body.length; end++) {
    const { status, body: text } = await send("POST", `${PATH}?dryRun=All`, body.subarray(0, end), type);
    assert.ok(status >= 400 && status < 500, `cut at ${end}: ${status} ${text.slice(0, 200)}`);
  }
  for (let at = 4; at < body.length; at++) {
    const changed = Buffer.from(body);
    changed[at] = (changed[at] as number) ^ 0xff;
    const { status, body: text } = await send("POST", `${PATH}?dryRun=All`, changed, type);
    assert.ok(status < 500, `byte ${at}: ${status} ${text.slice(0, 200)}`);
  }
});

test("odd paths, verbs, queries and headers get refusals", async () => {
  await refused(send("GET", "/api/v1/namespaces/%ff%fe/configmaps"), 400);
  await refused(send("GET", `/api/v1/namespaces/default/${"x".repeat(5000)}`), 404);
  await refused(send("GET", `${PATH}?labelSelector=${encodeURIComponent("a in (")}`), 400, "BadRequest");
  await refused(send("GET", `${PATH}?labelSelector=${encodeURIComponent(`a in (${"b,".repeat(2000)}c)`)}`), 200);
  await refused(send("GET", `${PATH}?limit=much`), 400);
  await refused(send("GET", `${PATH}?continue=${"A".repeat(3000)}`), 400);
  await refused(send("POST", PATH, "{}", "text/csv"), 415, "UnsupportedMediaType");
  await refused(send("PATCH", `${PATH}/kept`, "{}", "application/json"), 415);
  await refused(send("DELETE", "/api/v1/nodes/nonesuch"), 404, "NotFound");
  await refused(send("PUT", PATH, "{}"), 405, "MethodNotAllowed");
  // Headers beyond 64 KiB end the connection; whether the 431 still arrives is a race.
  const large = await send("GET", PATH, undefined, undefined, { "x-large": "y".repeat(100_000) });
  assert.ok([0, 431].includes(large.status), String(large.status));
});

test("a patch that copies a document into itself until it is gigantic is refused", async () => {
  await client.create(CONFIG_MAPS, {
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata: { name: "bomb", namespace: "default" },
    data: { a: "x".repeat(1000) },
  } as KubeObject);
  const operations = Array.from({ length: 40 }, (_, i) => ({ op: "copy", from: "/metadata", path: `/metadata/a${i}` }));
  const reply = await send("PATCH", `${PATH}/bomb`, JSON.stringify(operations), "application/json-patch+json");
  assert.ok(reply.status >= 400 && reply.status < 500, reply.body.slice(0, 200));
  assert.ok(reply.ms < MOST_MS);
  await refused(
    send(
      "PATCH",
      `${PATH}/bomb`,
      JSON.stringify(Array(10_001).fill({ op: "test", path: "/kind", value: "ConfigMap" })),
      "application/json-patch+json",
    ),
    413,
  );
});

const definition = (name: string, schema: unknown) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${name}s.hostile.example.com` },
  spec: {
    group: "hostile.example.com",
    scope: "Namespaced",
    names: { plural: `${name}s`, kind: name[0]?.toUpperCase() + name.slice(1) },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec: schema } } },
      },
    ],
  },
});
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

test("a catastrophic pattern takes linear time", async () => {
  const made = await send(
    "POST",
    DEFINITIONS,
    JSON.stringify(definition("regex", { type: "object", properties: { a: { type: "string", pattern: "^(a+)+$" } } })),
  );
  assert.equal(made.status, 201, made.body);
  await served("regexs");
  const body = JSON.stringify({
    apiVersion: "hostile.example.com/v1",
    kind: "Regex",
    metadata: { name: "x" },
    spec: { a: `${"a".repeat(50_000)}!` },
  });
  await refused(send("POST", "/apis/hostile.example.com/v1/namespaces/default/regexs", body), 422, "Invalid");
});

test("rules without end are refused when they are defined, or stopped when they run", async () => {
  const lists = { type: "array", items: { type: "integer" } };
  const costly = definition("loop", {
    type: "object",
    properties: { a: lists },
    "x-kubernetes-validations": [{ rule: "self.a.all(x, self.a.all(y, self.a.all(z, x + y + z > 0)))" }],
  });
  await refused(send("POST", DEFINITIONS, JSON.stringify(costly)), 422, "Invalid");
  const broken = definition("broken", {
    type: "object",
    properties: { a: { type: "integer" } },
    "x-kubernetes-validations": [{ rule: `${"(".repeat(5000)}self.a${")".repeat(5000)} > 0` }],
  });
  await refused(send("POST", DEFINITIONS, JSON.stringify(broken)), 422, "Invalid");
  const unknown = definition("unknown", {
    type: "object",
    properties: { a: { type: "integer" } },
    "x-kubernetes-validations": [{ rule: "self.b > 0" }],
  });
  await refused(send("POST", DEFINITIONS, JSON.stringify(unknown)), 422, "Invalid");
});

async function served(plural: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await send("GET", `/apis/hostile.example.com/v1/${plural}`)).status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${plural} are not served`);
}
