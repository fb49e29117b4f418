import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../../meta/types.ts";
import { kindBehaviour } from "../kind-table.ts";
import { created, createProblems, NOW, part, updated, updateProblems } from "../testkit/judge.ts";
import { podResizeProblems, resizedPod } from "./pod-resize.ts";

const POD = "core/v1.Pod";
const MAIN = { name: "main", image: "registry.example/app:1" };
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

function pod(spec: Record<string, unknown> = {}): Record<string, unknown> {
  return { spec: { containers: [MAIN], ...spec } };
}

function withMain(members: Record<string, unknown>): Record<string, unknown> {
  return pod({ containers: [{ ...MAIN, ...members }] });
}

test("the smallest pod is filled up", () => {
  const object = created(POD, pod({ serviceAccountName: "runner" }));
  assert.deepEqual(object["spec"], {
    containers: [
      {
        ...MAIN,
        resources: {},
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
        imagePullPolicy: "IfNotPresent",
      },
    ],
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    serviceAccountName: "runner",
    serviceAccount: "runner",
    securityContext: {},
    schedulerName: "default-scheduler",
    tolerations: [
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
    ],
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: "PreemptLowerPriority",
  });
  assert.deepEqual(object["status"], { phase: "Pending", qosClass: "BestEffort" });
});

test("probes, volumes and references are filled up", () => {
  const object = created(
    POD,
    pod({
      containers: [
        {
          ...MAIN,
          env: [{ name: "D", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } }],
          livenessProbe: { httpGet: { port: 80 } },
          readinessProbe: { grpc: { port: 9000 }, periodSeconds: 5 },
          resources: { limits: { cpu: "0.5", memory: "64Mi" } },
        },
      ],
      volumes: [{ name: "a" }, { name: "b", secret: { secretName: "s" } }, { name: "c", hostPath: { path: "/x" } }],
    }),
  );
  const spec = part(object, "spec");
  const [main] = spec["containers"] as Record<string, unknown>[];
  assert.deepEqual(main?.["env"], [
    { name: "D", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "0" } } },
  ]);
  assert.deepEqual(main?.["livenessProbe"], {
    httpGet: { port: 80, path: "/", scheme: "HTTP" },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  assert.deepEqual(main?.["readinessProbe"], {
    grpc: { port: 9000, service: "" },
    timeoutSeconds: 1,
    periodSeconds: 5,
    successThreshold: 1,
    failureThreshold: 3,
  });
  assert.deepEqual(main?.["resources"], {
    limits: { cpu: "500m", memory: "64Mi" },
    requests: { cpu: "500m", memory: "64Mi" },
  });
  assert.deepEqual(spec["volumes"], [
    { name: "a", emptyDir: {} },
    { name: "b", secret: { secretName: "s", defaultMode: 420 } },
    { name: "c", hostPath: { path: "/x", type: "" } },
  ]);
  assert.deepEqual(object["status"], { phase: "Pending", qosClass: "Guaranteed" });
});

test("images without a tag, or with latest, are always pulled", () => {
  const digest = `c@sha256:${"0".repeat(64)}`;
  const images = ["a", "b:latest", digest, "host:5000/d", "host:5000/e:1"];
  const object = created(POD, pod({ containers: images.map((image, i) => ({ name: `c${i}`, image })) }));
  const policies = (part(object, "spec")["containers"] as { imagePullPolicy: string }[]).map((c) => c.imagePullPolicy);
  assert.deepEqual(policies, ["Always", "Always", "IfNotPresent", "Always", "IfNotPresent"]);
});

test("a gated pod says that it waits", () => {
  const object = created(POD, pod({ schedulingGates: [{ name: "example.com/wait" }] }));
  assert.deepEqual(part(object, "status")["conditions"], [
    {
      type: "PodScheduled",
      status: "False",
      lastProbeTime: null,
      lastTransitionTime: NOW,
      reason: "SchedulingGated",
      message: "Scheduling is blocked due to non-empty scheduling gates",
    },
  ]);
  assert.deepEqual(
    updateProblems(POD, object, (next) => {
      part(next, "spec")["schedulingGates"] = [{ name: "example.com/other" }];
    }),
    [
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'example.com/other'",
    ],
  );
});

test("containers: names, images, ports", () => {
  assert.deepEqual(createProblems(POD, pod({ containers: [] })), ["spec.containers: Required value"]);
  assert.deepEqual(createProblems(POD, pod({ containers: [{ name: "Upper" }] })), [
    `spec.containers[0].name: Invalid value: "Upper": ${LABEL}`,
    "spec.containers[0].image: Required value",
  ]);
  assert.deepEqual(createProblems(POD, pod({ containers: [MAIN, MAIN], initContainers: [MAIN] })), [
    'spec.containers[1].name: Duplicate value: "main"',
    'spec.initContainers[0].name: Duplicate value: "main"',
  ]);
  const ports = [{}, { containerPort: 70_000, protocol: "ICMP" }, { name: "UPPER", containerPort: 1 }];
  assert.deepEqual(createProblems(POD, withMain({ ports })), [
    "spec.containers[0].ports[0].containerPort: Required value",
    "spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    'spec.containers[0].ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    'spec.containers[0].ports[2].name: Invalid value: "UPPER": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    'spec.containers[0].ports[2].name: Invalid value: "UPPER": must contain at least one letter (a-z)',
  ]);
  const same = [
    { containerPort: 80, hostPort: 8080 },
    { containerPort: 81, hostPort: 8080 },
  ];
  assert.deepEqual(createProblems(POD, withMain({ ports: same })), [
    'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//8080"',
  ]);
});

test("containers: environment and probes", () => {
  const env = [
    {},
    { name: "1=x" },
    { name: "a", value: "v", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "b", valueFrom: {} },
    { name: "c", valueFrom: { fieldRef: { fieldPath: "spec.nonesuch" } } },
  ];
  assert.deepEqual(createProblems(POD, withMain({ env, envFrom: [{}] })), [
    "spec.containers[0].env[0].name: Required value",
    "spec.containers[0].env[1].name: Invalid value: \"1=x\": a valid environment variable name must consist only of printable ASCII characters other than '='",
    'spec.containers[0].env[2].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    'spec.containers[0].env[3].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    'spec.containers[0].env[4].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nonesuch": error converting fieldPath: field label not supported: spec.nonesuch',
    'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
  ]);
  const probes = {
    livenessProbe: { successThreshold: 2, exec: { command: ["x"] } },
    readinessProbe: { exec: {}, timeoutSeconds: -1 },
    startupProbe: { httpGet: { port: 0, scheme: "FTP" }, tcpSocket: { port: 1 } },
  };
  assert.deepEqual(createProblems(POD, withMain(probes)), [
    "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
    "spec.containers[0].readinessProbe.exec.command: Required value",
    "spec.containers[0].readinessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0",
    "spec.containers[0].startupProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
    'spec.containers[0].startupProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
    "spec.containers[0].startupProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
  ]);
});

test("containers: amounts and security", () => {
  const resources = { limits: { cpu: "1", memory: "-1" }, requests: { cpu: "2", foo: "1" } };
  assert.deepEqual(createProblems(POD, withMain({ resources })), [
    'spec.containers[0].resources.limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
    'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers',
    'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
  ]);
  const securityContext = { privileged: true, allowPrivilegeEscalation: false, runAsUser: -2 };
  assert.deepEqual(createProblems(POD, withMain({ securityContext })), [
    "spec.containers[0].securityContext.runAsUser: Invalid value: -2: must be between 0 and 2147483647, inclusive",
    'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":-2,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
  ]);
  assert.deepEqual(createProblems(POD, pod({ os: { name: "windows" }, securityContext: { runAsUser: 1 } })), [
    "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod",
  ]);
});

test("volumes and their mounts", () => {
  const volumes = [
    { name: "one", emptyDir: {} },
    { name: "one", emptyDir: {} },
    { name: "two", emptyDir: {}, configMap: { name: "x" } },
    { name: "cm", configMap: { name: "", items: [{ key: "a", path: "/abs" }] } },
  ];
  const volumeMounts = [
    { name: "two", mountPath: "" },
    { name: "one", mountPath: "/same" },
    { name: "one", mountPath: "/same", subPath: "../up" },
  ];
  assert.deepEqual(createProblems(POD, pod({ containers: [{ ...MAIN, volumeMounts }], volumes })), [
    'spec.volumes[1].name: Duplicate value: "one"',
    "spec.volumes[2].configMap: Forbidden: may not specify more than 1 volume type",
    "spec.volumes[3].configMap.name: Required value",
    'spec.volumes[3].configMap.items[0].path: Invalid value: "/abs": must be a relative path',
    'spec.containers[0].volumeMounts[0].name: Not found: "two"',
    "spec.containers[0].volumeMounts[0].mountPath: Required value",
    'spec.containers[0].volumeMounts[2].mountPath: Invalid value: "/same": must be unique',
    "spec.containers[0].volumeMounts.subPath: Invalid value: \"../up\": must not contain '..'",
  ]);
});

test("init containers that are no sidecars have no probes", () => {
  const initContainers = [{ name: "i", image: "i", readinessProbe: { tcpSocket: { port: 1 } } }];
  assert.deepEqual(createProblems(POD, pod({ initContainers })), [
    "spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
  ]);
  assert.deepEqual(
    createProblems(POD, pod({ initContainers: [{ ...initContainers[0], restartPolicy: "Always" }] })),
    [],
  );
});

test("of a pod, only images, deadlines and tolerations change", () => {
  const old = created(POD, pod({ activeDeadlineSeconds: 100 }));
  const change = (members: Record<string, unknown>) =>
    updateProblems(POD, old, (next) => {
      Object.assign(part(next, "spec"), members);
    });
  const [main] = part(old, "spec")["containers"] as Record<string, unknown>[];
  assert.deepEqual(change({ containers: [{ ...main, image: "registry.example/app:2" }] }), []);
  assert.deepEqual(change({ activeDeadlineSeconds: 50 }), []);
  assert.deepEqual(change({ activeDeadlineSeconds: 101 }), [
    "spec.activeDeadlineSeconds: Invalid value: 101: must be less than or equal to previous value",
  ]);
  assert.deepEqual(change({ containers: [main, { ...main, name: "b" }] }), [
    "spec.containers: Forbidden: pod updates may not add or remove containers",
  ]);
  assert.match(String(change({ hostNetwork: true })), /^spec: Forbidden: pod updates may not change fields other than/);
  // What every pod tolerates comes back when a patch replaces the list.
  assert.deepEqual(change({ tolerations: [{ key: "extra", operator: "Exists" }] }), []);
});

test("a pod waits for its node, if it has one", () => {
  const grace = kindBehaviour(POD).gracePeriodSeconds;
  assert.equal(grace?.(created(POD, pod()), undefined), 0);
  const bound = created(POD, pod({ nodeName: "n" }));
  assert.equal(grace?.(bound, undefined), 30);
  assert.equal(grace?.(bound, 5), 5);
  assert.equal(grace?.(bound, -1), 1);
  assert.equal(grace?.({ ...bound, status: { phase: "Succeeded" } } as KubeObject, 5), 0);
});

test("a resize changes resources and keeps the class of service", () => {
  const old = created(POD, withMain({ resources: { requests: { cpu: "100m" }, limits: { cpu: "200m" } } }));
  const ask = (resources: Record<string, unknown>) => {
    const next = structuredClone(old);
    part(next, "spec")["containers"] = [{ ...MAIN, image: "other", resources }];
    return resizedPod(next, old);
  };
  const resized = ask({ requests: { cpu: "150m" }, limits: { cpu: "200m" } });
  const [main] = part(resized, "spec")["containers"] as Record<string, unknown>[];
  assert.equal(main?.["image"], "registry.example/app:1");
  assert.deepEqual(main?.["resources"], { requests: { cpu: "150m" }, limits: { cpu: "200m" } });
  assert.deepEqual(podResizeProblems(resized, old), []);
  const all = { cpu: "200m", memory: "1Gi" };
  assert.deepEqual(podResizeProblems(ask({ requests: all, limits: all }), old), [
    {
      type: "FieldValueInvalid",
      field: "spec",
      value: "Burstable",
      detail: "Pod QOS Class may not change as a result of resizing",
    },
  ]);
});

test("an update keeps the pod as it is", () => {
  const old = created(POD, pod());
  assert.deepEqual(
    updated(POD, old, () => undefined),
    old,
  );
});
