import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "@holdfast/apimachinery/meta/types";
import fc from "fast-check";
import { decideSlices, type Slice, type SliceContent } from "./decide-slices.ts";

const PORTS = [{ name: "", port: 80, protocol: "TCP" }];

function endpoint(id: number): JsonObject {
  return { addresses: [`10.0.${id >> 8}.${id & 255}`], targetRef: { uid: `pod-${id}` } };
}

function group(ids: readonly number[]): SliceContent {
  return { addressType: "IPv4", ports: PORTS, endpoints: ids.map(endpoint) };
}

function slice(name: string, ids: readonly number[], more: Partial<Slice> = {}): Slice {
  return {
    kind: "EndpointSlice",
    apiVersion: "discovery.k8s.io/v1",
    metadata: { name },
    addressType: "IPv4",
    ports: PORTS,
    endpoints: ids.map(endpoint),
    ...more,
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test("decideSlices() puts a hundred endpoints into a slice", () => {
  const plan = decideSlices([group(range(0, 250))], []);
  assert.deepEqual(
    plan.create.map((content) => content.endpoints.length),
    [100, 100, 50],
  );
});

test("decideSlices() changes only slices whose endpoints change, and fills those first", () => {
  const [full, half, other] = [
    slice("full", range(0, 100)),
    slice("half", range(100, 150)),
    slice("other", range(200, 220)),
  ];
  const unchanged = decideSlices([group([...range(0, 150), ...range(200, 220)])], [full, half, other]);
  assert.deepEqual(unchanged, { create: [], update: [], remove: [] });
  const plan = decideSlices([group([...range(0, 150), ...range(201, 225)])], [full, half, other]);
  assert.deepEqual(plan.create, []);
  assert.deepEqual(
    plan.update.map(({ slice, content }) => [slice.metadata.name, content.endpoints.length]),
    [["other", 24]],
  );
});

test("decideSlices() keeps one empty slice for a service with nothing behind it, and lets go of slices for other ports", () => {
  const empty = { addressType: "IPv4", ports: [], endpoints: [] };
  assert.deepEqual(decideSlices([empty], []).create, [empty]);
  const placeholder = slice("placeholder", [], { ports: null, endpoints: null });
  assert.deepEqual(decideSlices([empty], [placeholder]), { create: [], update: [], remove: [] });
  const old = slice("old", [1, 2]);
  const plan = decideSlices([empty], [placeholder, old]);
  assert.deepEqual(plan.remove, [old]);
});

test("decideSlices() ends with every endpoint in exactly one slice of at most a hundred", () => {
  const ids = fc.uniqueArray(fc.nat(400), { maxLength: 300 });
  fc.assert(
    fc.property(ids, fc.array(fc.uniqueArray(fc.nat(400), { maxLength: 100 }), { maxLength: 5 }), (wanted, before) => {
      const existing = before.map((own, i) => slice(`s${i}`, own));
      const plan = decideSlices([group(wanted)], existing);
      const after = new Map(existing.map((slice) => [slice, slice.endpoints ?? []]));
      for (const gone of plan.remove) after.delete(gone);
      for (const { slice, content } of plan.update) after.set(slice, content.endpoints);
      const contents = [...after.values(), ...plan.create.map((content) => content.endpoints)];
      const found = contents.flat().map((one) => JSON.stringify(one));
      assert.deepEqual(found.sort(), wanted.map((id) => JSON.stringify(endpoint(id))).sort());
      assert.ok(contents.every((content) => content.length <= 100));
    }),
  );
});
