// What the server's own controllers do when the first try fails, and what they leave alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { KubeClient, type ResourceRef } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { createLogger } from "@holdfast/runtime/log/logger";
import { createKube, type Kube } from "../create-kube.ts";

const CONFIG_MAPS: ResourceRef = { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" };
const NAMESPACES: ResourceRef = { group: "", version: "v1", plural: "namespaces", kind: "Namespace" };
const ROLES: ResourceRef = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  plural: "clusterroles",
  kind: "ClusterRole",
};
const GUARDS: ResourceRef = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  plural: "validatingwebhookconfigurations",
  kind: "ValidatingWebhookConfiguration",
};
const CRDS: ResourceRef = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
};
const BOLTS: ResourceRef = { group: "shop.example.com", version: "v1", plural: "bolts", kind: "Bolt" };

let kube: Kube;
let client: KubeClient;
const warnings: string[] = [];
let warned = () => {};

before(async () => {
  const log = createLogger({
    level: "warn",
    now: Date.now,
    write(line) {
      warnings.push(line);
      warned();
    },
  });
  kube = await createKube({ log });
  client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "test" });
});
after(async () => {
  client.close();
  await kube.stop();
});

function configMap(name: string, namespace = "default", metadata: Partial<KubeObject["metadata"]> = {}): KubeObject {
  return { kind: "ConfigMap", apiVersion: "v1", metadata: { name, namespace, ...metadata } };
}

/** Resolves when the object of that key is gone. */
function gone(bucket: string, key: string): Promise<void> {
  const { store } = kube.context;
  return new Promise((resolve) => {
    if (store.bucket(bucket).get(key) === undefined) resolve();
    const stop = store.subscribe(bucket, () => {
      if (store.bucket(bucket).get(key) !== undefined) return;
      stop();
      resolve();
    });
  });
}

/** Resolves when the server has warned of a failure that has to do with `word`. */
function failedOnce(word: string): Promise<void> {
  return new Promise((resolve) => {
    warned = () => {
      if (warnings.some((line) => line.includes(word))) resolve();
    };
    warned();
  });
}

/** A webhook nobody answers: while it is there, nothing of `plural` can be deleted. */
async function guard(apiGroup: string, plural: string): Promise<() => Promise<void>> {
  const name = `guard-${plural}`;
  await client.create(GUARDS, {
    kind: GUARDS.kind,
    apiVersion: "admissionregistration.k8s.io/v1",
    metadata: { name },
    webhooks: [
      {
        name: `${plural}.guard.example.com`,
        clientConfig: { url: "https://127.0.0.1:1/" },
        rules: [{ apiGroups: [apiGroup], apiVersions: ["v1"], resources: [plural], operations: ["DELETE"] }],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });
  return async () => void (await client.delete(GUARDS, name));
}

test("a dependent that admission kept is collected once admission lets it go", async () => {
  const owner = await client.create<KubeObject>(CONFIG_MAPS, configMap("owner"));
  const reference = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: owner.metadata.uid as string };
  await client.create(CONFIG_MAPS, configMap("dependent", "default", { ownerReferences: [reference] }));
  // By its metadata alone: the owner must still go.
  await client.create(GUARDS, {
    kind: GUARDS.kind,
    apiVersion: "admissionregistration.k8s.io/v1",
    metadata: { name: "keep-dependent" },
    webhooks: [
      {
        name: "dependent.guard.example.com",
        clientConfig: { url: "https://127.0.0.1:1/" },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"], operations: ["DELETE"] }],
        matchConditions: [{ name: "dependents", expression: "has(oldObject.metadata.ownerReferences)" }],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });
  await client.delete(CONFIG_MAPS, "owner", "default");
  await failedOnce("default/dependent");
  await client.delete(GUARDS, "keep-dependent");
  await gone("configmaps", "default/dependent");
});

test("a namespace whose content admission kept is emptied once admission lets it go", async () => {
  await client.create(NAMESPACES, { kind: "Namespace", apiVersion: "v1", metadata: { name: "leaving" } });
  await client.create(CONFIG_MAPS, configMap("kept", "leaving"));
  const release = await guard("", "configmaps");
  await client.delete(NAMESPACES, "leaving");
  await failedOnce("leaving");
  await release();
  await gone("namespaces", "leaving");
});

test("a definition whose instances admission kept goes once admission lets them go", async () => {
  await client.create(CRDS, {
    kind: CRDS.kind,
    apiVersion: "apiextensions.k8s.io/v1",
    metadata: { name: "bolts.shop.example.com" },
    spec: {
      group: BOLTS.group,
      scope: "Namespaced",
      names: { plural: "bolts", kind: "Bolt" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  });
  const bolt = { kind: "Bolt", apiVersion: "shop.example.com/v1", metadata: { name: "one", namespace: "default" } };
  while ((await client.create(BOLTS, bolt).catch(() => undefined)) === undefined);
  const release = await guard(BOLTS.group, "bolts");
  await client.delete(CRDS, "bolts.shop.example.com");
  await failedOnce("bolts.shop.example.com");
  await release();
  await gone("customresourcedefinitions.apiextensions.k8s.io", "bolts.shop.example.com");
  assert.equal(kube.context.store.bucket("bolts.shop.example.com").size, 0);
});

test("a cluster-scoped object that names an owner out of a namespace is left alone: nobody can tell which one is meant", async () => {
  const owner = await client.create<KubeObject>(CONFIG_MAPS, configMap("namespaced-owner"));
  const reference = {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: "namespaced-owner",
    uid: owner.metadata.uid as string,
  };
  await client.create(ROLES, {
    kind: "ClusterRole",
    apiVersion: "rbac.authorization.k8s.io/v1",
    metadata: { name: "owned-from-below", ownerReferences: [reference] },
    rules: [],
  });
  // Judged after the role: when it is gone, the role's turn is over.
  const lost = {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: "never-there",
    uid: "3f6c2b1e-0000-4000-8000-000000000000",
  };
  await client.create(CONFIG_MAPS, configMap("marker", "default", { ownerReferences: [lost] }));
  await gone("configmaps", "default/marker");
  assert.notEqual(
    kube.context.store.bucket("clusterroles.rbac.authorization.k8s.io").get("owned-from-below"),
    undefined,
  );
});
