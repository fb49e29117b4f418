import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyObject } from "./empty-object.ts";

test("emptyObject() is the zero value as it encodes", () => {
  assert.deepEqual(emptyObject("apps/v1.Deployment", "apps/v1", "Deployment"), {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {},
    spec: { selector: null, template: { metadata: {}, spec: { containers: null } }, strategy: {} },
    status: {},
  });
  assert.deepEqual(emptyObject("events/v1.Event", "events.k8s.io/v1", "Event"), {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: {},
    eventTime: null,
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  });
  assert.deepEqual(emptyObject("core/v1.ConfigMap", "v1", "ConfigMap"), {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {},
  });
  assert.deepEqual(emptyObject("rbac/v1.Role", "rbac.authorization.k8s.io/v1", "Role"), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: {},
    rules: null,
  });
});

test("emptyObject() makes a new object every time", () => {
  const first = emptyObject("core/v1.Pod", "v1", "Pod");
  (first["spec"] as Record<string, unknown>)["nodeName"] = "n";
  assert.deepEqual(emptyObject("core/v1.Pod", "v1", "Pod")["spec"], { containers: null });
});

test("emptyObject() throws for a type that is not in the table", () => {
  assert.throws(() => emptyObject("core/v1.Nonesuch", "v1", "Nonesuch"), TypeError);
});
