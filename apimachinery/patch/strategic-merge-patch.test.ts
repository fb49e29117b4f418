import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { builtinSchema } from "../builtin/builtin-schema.ts";
import { StatusError } from "../meta/status-error.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

const text: JsonSchema = { type: "string" };
const keyed = (key: string, properties: Record<string, JsonSchema>, strategy = "merge"): JsonSchema => ({
  type: "array",
  items: { type: "object", properties },
  "x-kubernetes-patch-strategy": strategy,
  "x-kubernetes-patch-merge-key": key,
});
const env = keyed("name", { name: text, value: text, valueFrom: { type: "object" } });
const ports = keyed("containerPort", { containerPort: { type: "integer" }, name: text });
const podSpec: JsonSchema = {
  type: "object",
  properties: {
    containers: keyed("name", { name: text, image: text, args: { type: "array", items: text }, env, ports }),
    volumes: keyed(
      "name",
      { name: text, secret: { type: "object" }, configMap: { type: "object" } },
      "merge,retainKeys",
    ),
    nodeSelector: { type: "object", additionalProperties: text },
    tolerations: { type: "array", items: { type: "object" } },
    finalizers: { type: "array", items: text, "x-kubernetes-patch-strategy": "merge" },
    strategy: {
      type: "object",
      "x-kubernetes-patch-strategy": "retainKeys",
      properties: { type: text, rollingUpdate: { type: "object" } },
    },
    fixed: { type: "object", "x-kubernetes-patch-strategy": "replace", additionalProperties: text },
  },
};
const patch = (document: JsonObject, change: JsonObject) => applyStrategicMergePatch(document, change, podSpec);
const names = (list: Json | undefined) => (list as JsonObject[]).map((item) => item["name"]);

function refusal(
  document: JsonObject,
  change: JsonObject,
): { code: number; message: string; reason: string | undefined } {
  try {
    patch(document, change);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return { code: error.httpCode, message: error.status.message ?? "", reason: error.status.reason };
  }
  throw new assert.AssertionError({ message: "applied" });
}

describe("applyStrategicMergePatch()", () => {
  const two = {
    containers: [
      { name: "main", image: "app:1" },
      { name: "side", image: "side:1" },
    ],
  };

  it("merges list items by their key and leaves the others", () => {
    assert.deepEqual(patch(two, { containers: [{ name: "side", image: "side:2" }] }), {
      containers: [
        { name: "main", image: "app:1" },
        { name: "side", image: "side:2" },
      ],
    });
  });

  it("puts a new item to the front", () => {
    assert.deepEqual(names(patch(two, { containers: [{ name: "third" }] })["containers"]), ["third", "main", "side"]);
  });

  it("puts a new item beside its neighbour in the patch", () => {
    const live = { containers: [{ name: "main", env: ["A", "B", "C"].map((name) => ({ name, value: "1" })) }] };
    const change = {
      containers: [
        {
          name: "main",
          env: [
            { name: "B", value: "22" },
            { name: "D", value: "4" },
          ],
        },
      ],
    };
    const [main] = patch(live, change)["containers"] as JsonObject[];
    assert.deepEqual(names(main?.["env"]), ["A", "B", "D", "C"]);
  });

  it("merges ports by a key that is a number", () => {
    const live = {
      containers: [
        {
          name: "m",
          ports: [
            { containerPort: 80, name: "http" },
            { containerPort: 81, name: "admin" },
          ],
        },
      ],
    };
    const change = { containers: [{ name: "m", ports: [{ containerPort: 80, name: "web" }, { containerPort: 82 }] }] };
    assert.deepEqual(patch(live, change)["containers"], [
      {
        name: "m",
        ports: [{ containerPort: 80, name: "web" }, { containerPort: 82 }, { containerPort: 81, name: "admin" }],
      },
    ]);
  });

  it("deletes and adds items in one patch", () => {
    const live = { containers: [{ name: "p1" }, { name: "p2" }] };
    const change = { containers: [{ name: "p2", $patch: "delete" }, { name: "p3" }] };
    assert.deepEqual(names(patch(live, change)["containers"]), ["p3", "p1"]);
  });

  it("replaces a list that says so, wherever the directive stands", () => {
    const change = { containers: [{ name: "only" }, { $patch: "replace" }] };
    assert.deepEqual(patch(two, change), { containers: [{ name: "only" }] });
  });

  it("replaces atomic lists and maps with the strategy replace", () => {
    const live = { tolerations: [{ key: "k" }], fixed: { a: "1" } };
    assert.deepEqual(patch(live, { tolerations: [{ key: "other" }], fixed: { b: "2" } }), {
      tolerations: [{ key: "other" }],
      fixed: { b: "2" },
    });
  });

  it("merges maps, deletes by null and replaces by directive", () => {
    const live = { nodeSelector: { disk: "ssd", zone: "a" } };
    assert.deepEqual(patch(live, { nodeSelector: { disk: null, size: "xl" } }), {
      nodeSelector: { zone: "a", size: "xl" },
    });
    assert.deepEqual(patch(live, { nodeSelector: { $patch: "replace", only: "me" } }), {
      nodeSelector: { only: "me" },
    });
    assert.deepEqual(patch(live, { nodeSelector: { $patch: "delete" } }), { nodeSelector: {} });
  });

  it("keeps only the members that $retainKeys names", () => {
    const live = {
      strategy: { type: "RollingUpdate", rollingUpdate: {} },
      volumes: [{ name: "cfg", configMap: { name: "one" } }],
    };
    const change = {
      strategy: { $retainKeys: ["type"], type: "Recreate" },
      volumes: [{ name: "cfg", $retainKeys: ["name", "secret"], secret: { secretName: "s" } }],
    };
    assert.deepEqual(patch(live, change), {
      strategy: { type: "Recreate" },
      volumes: [{ name: "cfg", secret: { secretName: "s" } }],
    });
  });

  it("orders by $setElementOrder", () => {
    const change = {
      "$setElementOrder/containers": [{ name: "side" }, { name: "main" }],
      containers: [{ name: "main", image: "app:2" }],
    };
    assert.deepEqual(names(patch(two, change)["containers"]), ["side", "main"]);
  });

  it("orders as the original does when one item goes and another comes", () => {
    const live = { containers: [{ name: "c" }, { name: "d" }, { name: "a" }] };
    const change = {
      containers: [{ name: "b" }, { name: "a", $patch: "delete" }],
      "$setElementOrder/containers": [{ name: "b" }, { name: "a" }, { name: "d" }],
    };
    assert.deepEqual(names(patch(live, change)["containers"]), ["c", "b", "d"]);
  });

  it("treats lists of primitives as sets and deletes from them in parallel", () => {
    const live = { finalizers: ["e/a", "e/b"] };
    assert.deepEqual(patch(live, { finalizers: ["e/b", "e/c"] }), { finalizers: ["e/a", "e/b", "e/c"] });
    assert.deepEqual(patch(live, { "$deleteFromPrimitiveList/finalizers": ["e/a", "e/x"] }), { finalizers: ["e/b"] });
  });

  it("drops nulls and directives from what is new", () => {
    assert.deepEqual(
      patch(
        {},
        {
          volumes: [
            { name: "a", secret: { x: null } },
            { name: "b", $patch: "delete" },
          ],
          nodeSelector: null,
        },
      ),
      {
        volumes: [{ name: "a", secret: {} }],
      },
    );
  });

  it("changes neither the object nor the patch", () => {
    const change = {
      containers: [{ name: "side", $patch: "delete" }],
      "$setElementOrder/containers": [{ name: "main" }],
    };
    const before = JSON.stringify([two, change]);
    patch(two, change);
    assert.equal(JSON.stringify([two, change]), before);
  });

  it("refuses in the words of kube-apiserver", () => {
    const main = { containers: [{ name: "main" }] };
    assert.deepEqual(refusal(main, { containers: [{ image: "x" }] }), {
      code: 500,
      message: "map: map[image:x] does not contain declared merge key: name",
      reason: undefined,
    });
    assert.equal(
      refusal(main, { containers: [{ name: "main", $patch: "explode" }] }).message,
      "unknown patch type: explode in map: map[$patch:explode name:main]",
    );
    assert.equal(
      refusal(main, {
        "$setElementOrder/containers": [{ name: "side" }],
        containers: [{ name: "main", imagePullPolicy: "Always" }],
      }).message,
      "The order in patch list:\n[map[imagePullPolicy:Always name:main]]\n doesn't match $setElementOrder list:\n[map[name:side]]\n",
    );
    assert.equal(
      refusal(main, { "$setElementOrder/containers": "x" }).message,
      "expected a []interface {}, but received a string",
    );
    assert.equal(refusal(main, { "$setElementOrder/nosuch": [] }).code, 500);
    assert.deepEqual(refusal({ strategy: { type: "x" } }, { strategy: { $retainKeys: ["a"], type: "x" } }), {
      code: 400,
      message: "invalid patch format of retainKeys",
      reason: "BadRequest",
    });
    assert.equal(refusal({ finalizers: ["a"] }, { finalizers: [["b"]] }).code, 422);
    assert.equal(
      refusal({ finalizers: ["a"] }, { finalizers: [1] }).message,
      "list element types are not identical: [[a] [1]]",
    );
    assert.equal(refusal(main, { $deleteFromPrimitiveList: ["x"] }).message, "invalid patch format of primitive list");
  });

  it("bounds nesting and never reaches a prototype", () => {
    let deep: JsonObject = {};
    for (let i = 0; i < 20_000; i++) deep = { a: deep };
    assert.equal(refusal({}, { nodeSelector: deep }).code, 413);
    const merged = patch({ nodeSelector: { a: "1" } }, JSON.parse('{"nodeSelector":{"__proto__":{"polluted":"x"}}}'));
    assert.equal(JSON.stringify(merged), '{"nodeSelector":{"a":"1","__proto__":{"polluted":"x"}}}');
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });

  it("merges megabytes in bounded time", () => {
    const many = (image: string) => Array.from({ length: 20_000 }, (_, i) => ({ name: `c${i}`, image }));
    const started = performance.now();
    const merged = patch({ containers: many("a") }, { containers: many("b").reverse() });
    assert.equal((merged["containers"] as JsonObject[]).length, 20_000);
    assert.ok(performance.now() - started < 3000);
  });

  it("agrees with k8s.io/apimachinery on recorded patches of deployments", () => {
    const schema = builtinSchema("apps/v1.Deployment") as JsonSchema;
    const lines = readFileSync(new URL("testdata/patches.jsonl", import.meta.url), "utf8")
      .trim()
      .split("\n");
    const cases = lines.map((line) => JSON.parse(line)).filter((c) => c.kind === "strategic");
    assert.ok(cases.length > 50);
    for (const { doc, patch: change, want, error } of cases) {
      let got: unknown;
      try {
        got = applyStrategicMergePatch(doc, change, schema);
      } catch (refused) {
        got = (refused as Error).message;
      }
      assert.deepEqual(got, error ?? want, JSON.stringify(change));
    }
  });
});
