import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinSchema } from "./builtin-schema.ts";

test("keys of list items have defaults: server-side apply tells items apart by them", () => {
  const container = builtinSchema("core/v1.Pod")?.properties?.["spec"]?.properties?.["containers"]?.items;
  assert.ok(container !== undefined && typeof container === "object" && !Array.isArray(container));
  assert.equal(container.properties?.["name"]?.default, "");
  assert.equal(container.properties?.["image"]?.default, undefined);
  assert.equal(builtinSchema("core/v1.ContainerPort")?.properties?.["protocol"]?.default, "TCP");
  builtinSchema("core/v1.Service");
  assert.equal(builtinSchema("core/v1.ServicePort")?.properties?.["protocol"]?.default, "TCP");
  assert.equal(builtinSchema("core/v1.ServicePort")?.properties?.["port"]?.default, 0);
});

test("what is kept as it came is one unit for server-side apply", () => {
  const data = builtinSchema("apps/v1.ControllerRevision")?.properties?.["data"];
  assert.equal(data?.["x-kubernetes-map-type"], "atomic");
});
