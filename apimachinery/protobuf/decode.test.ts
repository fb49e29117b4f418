import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import fc from "fast-check";
import { decodeMessage, openEnvelope } from "./decode.ts";

const bytes = (...parts: (number | string)[]) =>
  new Uint8Array(parts.flatMap((p) => (typeof p === "number" ? [p] : [...new TextEncoder().encode(p)])));
const field = (number: number, content: Uint8Array | string) => {
  const inner = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array([number * 8 + 2, inner.length, ...inner]);
};
const join = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((p) => [...p]));

test("an envelope gives kind, version and the message", () => {
  const body = join(bytes("k8s", 0), field(1, join(field(1, "v1"), field(2, "ConfigMap"))), field(2, field(1, "x")));
  const envelope = openEnvelope(body);
  assert.equal(envelope.apiVersion, "v1");
  assert.equal(envelope.kind, "ConfigMap");
  assert.deepEqual([...envelope.raw], [...field(1, "x")]);
});

test("what is no envelope is refused with its reason", () => {
  assert.throws(() => openEnvelope(bytes("{}")), { code: "PROTOBUF_MAGIC" });
  assert.throws(() => openEnvelope(bytes("k8s", 0, 0x0a, 0x05, 1)), { code: "BYTES_TRUNCATED" });
  assert.throws(() => openEnvelope(join(bytes("k8s", 0), field(3, "gzip"))), { code: "PROTOBUF_CONTENT" });
});

test("maps, lists, numbers, bytes and inlined structs come out as their JSON", () => {
  const meta = field(1, join(field(1, "name"), field(11, join(field(1, "app"), field(2, "web")))));
  assert.deepEqual(
    decodeMessage(
      "core/v1.ConfigMap",
      join(meta, field(2, join(field(1, "a"), field(2, "1"))), field(3, join(field(1, "b"), field(2, bytes(0, 255))))),
    ),
    {
      metadata: { name: "name", labels: { app: "web" } },
      data: { a: "1" },
      binaryData: { b: "AP8=" },
    },
  );
  // A Volume inlines its source: emptyDir stands beside the name.
  assert.deepEqual(decodeMessage("core/v1.Volume", join(field(1, "tmp"), field(2, field(2, field(1, "Memory"))))), {
    name: "tmp",
    emptyDir: { medium: "Memory" },
  });
  // replicas is a pointer: an explicit 0 is kept; a plain int 0 vanishes.
  assert.deepEqual(decodeMessage("apps/v1.DeploymentSpec", bytes(0x08, 0x00, 0x28, 0x00)), { replicas: 0 });
  assert.deepEqual(decodeMessage("apps/v1.DeploymentSpec", bytes(0x28, 0x05)), { minReadySeconds: 5 });
  // -1 as int64
  assert.deepEqual(
    decodeMessage("apps/v1.DeploymentSpec", bytes(0x28, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1)),
    { minReadySeconds: -1 },
  );
});

test("times, quantities and int-or-string values are scalars", () => {
  assert.deepEqual(decodeMessage("meta/v1.ObjectMeta", field(8, bytes(0x08, 0x80, 0x80, 0xaf, 0xbb, 0x06))), {
    creationTimestamp: "2024-12-25T08:19:12Z",
  });
  assert.deepEqual(
    decodeMessage("core/v1.ServicePort", join(bytes(0x18, 80), field(4, join(bytes(0x08, 1), field(3, "http"))))),
    { port: 80, targetPort: "http" },
  );
  assert.deepEqual(
    decodeMessage("core/v1.ResourceRequirements", field(1, join(field(1, "cpu"), field(2, field(1, "500m"))))),
    { limits: { cpu: "500m" } },
  );
});

test("a key named __proto__ is a key", () => {
  const decoded = decodeMessage("core/v1.ConfigMap", field(2, join(field(1, "__proto__"), field(2, "x"))));
  assert.deepEqual(Object.keys(decoded["data"] as object), ["__proto__"]);
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("any bytes are decoded or refused by the table, nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
      try {
        decodeMessage("core/v1.Pod", raw);
      } catch (error) {
        assert.ok(error instanceof HoldfastError && /^(?:PROTOBUF|BYTES)_/.test(error.code), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
