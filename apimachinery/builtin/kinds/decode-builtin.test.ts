import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../meta/types.ts";
import { normalizeBuiltin } from "./decode-builtin.ts";

function object(apiVersion: string, kind: string, members: Record<string, unknown>): KubeObject {
  return { apiVersion, kind, metadata: { name: "x" }, ...members } as KubeObject;
}

function deployment(spec: Record<string, unknown>): KubeObject {
  return object("apps/v1", "Deployment", { spec });
}

function refusal(body: KubeObject, typeKey: string): string {
  try {
    normalizeBuiltin(body, typeKey);
    return "accepted";
  } catch (error) {
    return (error as Error).message;
  }
}

test("normalizeBuiltin() drops unknown fields and says where they were", () => {
  const unknown: string[] = [];
  const body = deployment({
    nonesuch: 1,
    template: { spec: { containers: [{ name: "a", ports: [{ containerPort: 1, x: 2 }] }] } },
  });
  normalizeBuiltin(body, "apps/v1.Deployment", unknown);
  assert.deepEqual(unknown, ["spec.nonesuch", "spec.template.spec.containers[0].ports[0].x"]);
  assert.deepEqual(body["spec"], {
    selector: null,
    strategy: {},
    template: { metadata: {}, spec: { containers: [{ name: "a", resources: {}, ports: [{ containerPort: 1 }] }] } },
  });
  assert.deepEqual(body["status"], {});
});

test("normalizeBuiltin() forgets what storage forgets", () => {
  const body = object("v1", "Pod", {
    spec: {
      containers: [
        { name: "a", args: [], env: [null], tty: false, resources: { limits: { cpu: "1000m" }, requests: {} } },
      ],
      hostNetwork: false,
      nodeSelector: {},
      automountServiceAccountToken: false,
      affinity: null,
      activeDeadlineSeconds: 0,
    },
  });
  normalizeBuiltin(body, "core/v1.Pod");
  assert.deepEqual(body["spec"], {
    containers: [{ name: "a", env: [{ name: "" }], resources: { limits: { cpu: "1" } } }],
    automountServiceAccountToken: false,
    activeDeadlineSeconds: 0,
  });
});

test("normalizeBuiltin() writes out what the encoding always has", () => {
  const event = object("v1", "Event", { involvedObject: {} });
  normalizeBuiltin(event, "core/v1.Event");
  assert.deepEqual(event, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "x" },
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: "",
    reportingInstance: "",
  });
});

test("normalizeBuiltin() refuses wrong types in Go's words", () => {
  const head = 'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal';
  const cases: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ replicas: "three" }, "string into Go struct field DeploymentSpec.spec.replicas of type int32"],
    [{ replicas: 1.5 }, "number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32"],
    [{ replicas: 2 ** 31 }, "number 2147483648 into Go struct field DeploymentSpec.spec.replicas of type int32"],
    [{ paused: "yes" }, "string into Go struct field DeploymentSpec.spec.paused of type bool"],
    [
      { template: { spec: { containers: {} } } },
      "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
    ],
    [
      { template: { spec: { containers: [{ imagePullPolicy: 1 }] } } },
      "number into Go struct field Container.spec.template.spec.containers.imagePullPolicy of type v1.PullPolicy",
    ],
  ];
  for (const [spec, text] of cases) assert.equal(refusal(deployment(spec), "apps/v1.Deployment"), `${head} ${text}`);
  assert.equal(
    refusal(object("v1", "ConfigMap", { data: { a: 1 } }), "core/v1.ConfigMap"),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  );
  assert.equal(
    refusal(object("v1", "Secret", { data: { a: "not base64" } }), "core/v1.Secret"),
    'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 3',
  );
});

test("a null in a map of strings is an empty string", () => {
  const body = object("v1", "ConfigMap", { data: { a: null } });
  normalizeBuiltin(body, "core/v1.ConfigMap");
  assert.deepEqual(body["data"], { a: "" });
});

test("claim templates carry their kind", () => {
  const unknown: string[] = [];
  const body = object("apps/v1", "StatefulSet", {
    spec: {
      volumeClaimTemplates: [{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "d" }, extra: 1 }],
    },
  });
  normalizeBuiltin(body, "apps/v1.StatefulSet", unknown);
  assert.deepEqual(unknown, ["spec.volumeClaimTemplates[0].extra"]);
  assert.deepEqual((body["spec"] as { volumeClaimTemplates: unknown[] }).volumeClaimTemplates, [
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "d" }, spec: { resources: {} }, status: {} },
  ]);
});

test("keys never reach a prototype", () => {
  const body = JSON.parse(
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{},"__proto__":{"polluted":1},"data":{"__proto__":"x","constructor":"y"}}',
  ) as KubeObject;
  const unknown: string[] = [];
  normalizeBuiltin(body, "core/v1.ConfigMap", unknown);
  assert.deepEqual(unknown, ["__proto__"]);
  assert.deepEqual(Object.keys(body["data"] as object), ["__proto__", "constructor"]);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("types that contain themselves are followed only so far", () => {
  let schema: Record<string, unknown> = { type: "object" };
  for (let i = 0; i < 5_000; i++) schema = { not: schema };
  const body = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
    spec: { versions: [{ name: "v1", schema: { openAPIV3Schema: schema } }] },
  });
  const text = refusal(body, "apiextensions/v1.CustomResourceDefinition");
  assert.equal(
    text,
    'CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: exceeded max depth',
  );
});
