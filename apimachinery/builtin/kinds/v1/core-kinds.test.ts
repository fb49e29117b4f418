import assert from "node:assert/strict";
import { test } from "node:test";
import { kindBehaviour } from "../kind-table.ts";
import { created, createProblems, NOW, part, updated, updateProblems } from "../testkit/judge.ts";

const SERVICE = "core/v1.Service";

function service(spec: Record<string, unknown>): Record<string, unknown> {
  return { spec: { clusterIP: "10.96.0.7", ...spec } };
}

test("a service is filled up by its type", () => {
  const ports = [{ protocol: "TCP", port: 80, targetPort: 80 }];
  const shared = { ports, sessionAffinity: "None", internalTrafficPolicy: "Cluster" };
  const addresses = {
    clusterIP: "10.96.0.7",
    clusterIPs: ["10.96.0.7"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
  };
  assert.deepEqual(part(created(SERVICE, service({ ports: [{ port: 80 }] })), "spec"), {
    ...shared,
    ...addresses,
    type: "ClusterIP",
  });
  assert.deepEqual(part(created(SERVICE, service({ type: "LoadBalancer", ports: [{ port: 80 }] })), "spec"), {
    ...shared,
    ...addresses,
    type: "LoadBalancer",
    externalTrafficPolicy: "Cluster",
    allocateLoadBalancerNodePorts: true,
  });
  assert.deepEqual(part(created(SERVICE, { spec: { type: "ExternalName", externalName: "db.example.com" } }), "spec"), {
    type: "ExternalName",
    sessionAffinity: "None",
    externalName: "db.example.com",
  });
  assert.deepEqual(part(created(SERVICE, { spec: { clusterIP: "None" } }), "spec"), {
    clusterIP: "None",
    clusterIPs: ["None"],
    type: "ClusterIP",
    sessionAffinity: "None",
    ipFamilies: ["IPv4", "IPv6"],
    ipFamilyPolicy: "RequireDualStack",
    internalTrafficPolicy: "Cluster",
  });
});

test("a service: what is refused", () => {
  assert.deepEqual(createProblems(SERVICE, service({})), ["spec.ports: Required value"]);
  assert.deepEqual(
    createProblems(
      SERVICE,
      service({
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 80 },
        ],
      }),
    ),
    [
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
  );
  assert.deepEqual(
    createProblems(SERVICE, service({ ports: [{ port: 80, nodePort: 30_001 }], externalTrafficPolicy: "Local" })),
    [
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
  );
  const ports = [{ port: 80 }];
  assert.deepEqual(createProblems(SERVICE, service({ ports, externalIPs: ["127.0.0.1", "x", "0.0.0.0"] })), [
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    'spec.externalIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
  ]);
  // Problems of the addresses come alone.
  assert.deepEqual(
    createProblems(SERVICE, { spec: { ipFamilyPolicy: "Triple", ipFamilies: ["IPv5"], type: "Weird", ports } }),
    [
      'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
      'spec.ipFamilyPolicy: Unsupported value: "Triple": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
    ],
  );
});

test("a service keeps its address and gives up what its new type has no use for", () => {
  const old = created(SERVICE, service({ type: "NodePort", ports: [{ port: 80, nodePort: 30_001 }] }));
  assert.deepEqual(
    updateProblems(SERVICE, old, (next) => {
      part(next, "spec")["clusterIP"] = "10.96.200.200";
    }),
    ['spec.clusterIPs[0]: Invalid value: ["10.96.200.200"]: may not change once set'],
  );
  const inside = updated(SERVICE, old, (next) => {
    part(next, "spec")["type"] = "ClusterIP";
  });
  assert.deepEqual(part(inside, "spec"), {
    clusterIP: "10.96.0.7",
    clusterIPs: ["10.96.0.7"],
    type: "ClusterIP",
    ports: [{ protocol: "TCP", port: 80, targetPort: 80 }],
    sessionAffinity: "None",
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    internalTrafficPolicy: "Cluster",
  });
  const outside = updated(SERVICE, old, (next) => {
    Object.assign(part(next, "spec"), { type: "ExternalName", externalName: "x.example" });
  });
  assert.deepEqual(part(outside, "spec"), {
    type: "ExternalName",
    externalName: "x.example",
    ports: [{ protocol: "TCP", port: 80, targetPort: 80 }],
    sessionAffinity: "None",
  });
  // A patch that leaves the port out gets it back.
  const same = updated(SERVICE, old, (next) => {
    part(next, "spec")["ports"] = [{ port: 80 }];
  });
  assert.deepEqual(part(same, "spec")["ports"], [{ protocol: "TCP", port: 80, targetPort: 80, nodePort: 30_001 }]);
});

test("a namespace carries its name and its finalizer", () => {
  const object = created("core/v1.Namespace", { metadata: { name: "one" } });
  assert.deepEqual(object.metadata.labels, { "kubernetes.io/metadata.name": "one" });
  assert.deepEqual(object["spec"], { finalizers: ["kubernetes"] });
  assert.deepEqual(object["status"], { phase: "Active" });
});

test("finalizers say whose they are", () => {
  assert.deepEqual(
    createProblems("core/v1.ConfigMap", { metadata: { finalizers: ["plain", "example.com/x", "orphan"] } }),
    [
      'metadata.finalizers[0]: Invalid value: "plain": name is neither a standard finalizer name nor is it fully qualified',
    ],
  );
});

test("a secret's plain values are encoded, and its type decides what it needs", () => {
  const SECRET = "core/v1.Secret";
  const object = created(SECRET, { data: { a: "YQ==", b: "Yg==" }, stringData: { a: "over", c: "c" } });
  assert.deepEqual(object["data"], { a: "b3Zlcg==", b: "Yg==", c: "Yw==" });
  assert.equal(object["stringData"], undefined);
  assert.equal(object["type"], "Opaque");
  assert.deepEqual(createProblems(SECRET, { type: "kubernetes.io/tls" }), [
    "data[tls.crt]: Required value",
    "data[tls.key]: Required value",
  ]);
  assert.deepEqual(
    createProblems(SECRET, { type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": "not" } }),
    [
      "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'o' in literal null (expecting 'u')",
    ],
  );
});

test("a frozen config map stays", () => {
  const MAP = "core/v1.ConfigMap";
  const old = created(MAP, { immutable: true, data: { a: "1" } });
  assert.deepEqual(
    updateProblems(MAP, old, (next) => {
      next["data"] = { a: "2" };
    }),
    ["data: Forbidden: field is immutable when `immutable` is set"],
  );
});

test("volumes and claims are protected and wait", () => {
  const claim = created("core/v1.PersistentVolumeClaim", {
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  assert.deepEqual(claim.metadata.finalizers, ["kubernetes.io/pvc-protection"]);
  assert.deepEqual(claim["status"], { phase: "Pending" });
  assert.deepEqual(createProblems("core/v1.PersistentVolumeClaim", { spec: { accessModes: ["Sometimes"] } }), [
    'spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    "spec.resources[storage]: Required value",
  ]);
  const volume = created("core/v1.PersistentVolume", {
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/data" } },
  });
  assert.deepEqual(volume["status"], { phase: "Pending", lastPhaseTransitionTime: NOW });
  assert.deepEqual(
    createProblems("core/v1.PersistentVolume", {
      spec: { capacity: { cpu: "1" }, persistentVolumeReclaimPolicy: "Burn" },
    }),
    [
      "spec.accessModes: Required value",
      'spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"',
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
      "spec: Required value: must specify a volume type",
    ],
  );
});

test("a node is tainted until it is ready, and keeps the status it registers with", () => {
  const node = created("core/v1.Node", { spec: { podCIDR: "10.1.0.0/24" }, status: { capacity: { cpu: "4" } } });
  assert.deepEqual(node["spec"], {
    podCIDR: "10.1.0.0/24",
    podCIDRs: ["10.1.0.0/24"],
    taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }],
  });
  assert.deepEqual(part(node, "status")["capacity"], { cpu: "4" });
  assert.deepEqual(createProblems("core/v1.Node", { spec: { podCIDRs: ["x", "10.0.0.0/24"] } }), [
    'spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    "spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[0]: <nil> (invalid CIDR address: x)",
    'spec.podCIDRs: Invalid value: ["x","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
  ]);
});

test("a limit range says for containers what follows from what it says", () => {
  const limits = [{ type: "Container", max: { cpu: "2" }, min: { memory: "1Mi" }, default: { memory: "1Gi" } }];
  const object = created("core/v1.LimitRange", { spec: { limits } });
  assert.deepEqual((part(object, "spec")["limits"] as unknown[])[0], {
    ...limits[0],
    default: { cpu: "2", memory: "1Gi" },
    defaultRequest: { cpu: "2", memory: "1Gi" },
  });
});

test("events of both groups are one object", () => {
  const { convert, toStorage } = kindBehaviour("events/v1.Event");
  const event = created("events/v1.Event", {
    eventTime: "2021-01-01T00:00:00.000000Z",
    reportingController: "golden.example/x",
    reportingInstance: "x-1",
    action: "Start",
    reason: "Started",
    note: "n",
    type: "Normal",
    regarding: { kind: "Pod", name: "p", namespace: "default" },
  });
  const stored = toStorage?.(event);
  assert.deepEqual(
    { ...stored, metadata: {} },
    {
      apiVersion: "v1",
      kind: "Event",
      metadata: {},
      involvedObject: { kind: "Pod", namespace: "default", name: "p" },
      reason: "Started",
      message: "n",
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      type: "Normal",
      eventTime: "2021-01-01T00:00:00.000000Z",
      action: "Start",
      reportingComponent: "golden.example/x",
      reportingInstance: "x-1",
    },
  );
  assert.deepEqual(stored === undefined ? undefined : convert?.(stored), event);
});

test("an event stands in the namespace of what it is about", () => {
  assert.deepEqual(createProblems("core/v1.Event", { involvedObject: { namespace: "elsewhere" } }), [
    'involvedObject.namespace: Invalid value: "elsewhere": does not match event.namespace',
  ]);
});
