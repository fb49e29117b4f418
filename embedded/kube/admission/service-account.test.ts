import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { createKube, type Kube } from "../create-kube.ts";

const ref = (plural: string, kind: string) => ({ group: "", version: "v1", plural, kind });
const [PODS, NAMESPACES, ACCOUNTS] = [
  ref("pods", "Pod"),
  ref("namespaces", "Namespace"),
  ref("serviceaccounts", "ServiceAccount"),
];
const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
let kube: Kube;
let client: KubeClient;

before(async () => {
  kube = await createKube();
  client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "test" });
});
after(async () => {
  client.close();
  await kube.stop();
});

interface Spec {
  serviceAccountName?: string;
  imagePullSecrets?: unknown;
  volumes?: { name: string; projected?: { sources: Record<string, unknown>[] } }[];
  containers: { volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[] }[];
}

async function create(name: string, spec: Record<string, unknown> = {}, namespace = "default"): Promise<Spec> {
  const pod = await client.create<KubeObject>(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [{ name: "main", image: "x" }], ...spec },
  });
  return pod["spec"] as Spec;
}

test("a pod gets the default account and its token, also in a namespace that was made a moment ago", async () => {
  await client.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "fresh" } });
  const spec = await create("p", {}, "fresh");
  assert.equal(spec.serviceAccountName, "default");
  const [volume] = spec.volumes ?? [];
  assert.match(volume?.name ?? "", /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(
    volume?.projected?.sources.map((source) => Object.keys(source)[0]),
    ["serviceAccountToken", "configMap", "downwardAPI"],
  );
  assert.deepEqual(spec.containers[0]?.volumeMounts, [{ name: volume?.name, readOnly: true, mountPath: MOUNT_PATH }]);
});

test("an account that is not there refuses the pod", async () => {
  await assert.rejects(create("lost", { serviceAccountName: "nobody" }), (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.status.code, 403);
    assert.equal(
      error.status.message,
      'pods "lost" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
    );
    return true;
  });
});

test("no token where pod or account say so, the pod's word counting first; pull secrets come from the account", async () => {
  const account = { automountServiceAccountToken: false, imagePullSecrets: [{ name: "pull" }] };
  await client.create(ACCOUNTS, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "quiet", namespace: "default" },
    ...account,
  });
  const quiet = await create("quiet", { serviceAccountName: "quiet" });
  assert.deepEqual([quiet.volumes, quiet.imagePullSecrets], [undefined, [{ name: "pull" }]]);
  const loud = await create("loud", { serviceAccountName: "quiet", automountServiceAccountToken: true });
  assert.equal(loud.volumes?.length, 1);
  assert.equal((await create("none", { automountServiceAccountToken: false })).volumes, undefined);
});

test("a container that mounts something there itself keeps it", async () => {
  const own = { name: "main", image: "x", volumeMounts: [{ name: "mine", mountPath: MOUNT_PATH }] };
  const spec = await create("own", { containers: [own], volumes: [{ name: "mine", emptyDir: {} }] });
  assert.deepEqual(
    spec.volumes?.map((volume) => volume.name),
    ["mine"],
  );
  assert.equal(spec.containers[0]?.volumeMounts?.length, 1);
});
