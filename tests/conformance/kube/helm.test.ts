import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import { type ToolName, tool } from "../../tools/client-tools.ts";
import { runClient } from "../../tools/run-client.ts";

let kube: Kube;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-helm-"));
  kube = await createKube({ dataDir: join(folder, "data") });
  writeFileSync(join(folder, "kubeconfig"), kube.kubeconfig);
  chart(join(folder, "chart"));
});
after(async () => {
  await kube.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A chart with what charts have: a definition, a Deployment, a Service, settings, a hook and notes. */
function chart(dir: string): void {
  mkdirSync(join(dir, "templates"), { recursive: true });
  mkdirSync(join(dir, "crds"));
  const write = (path: string, text: string) => writeFileSync(join(dir, path), text);
  write("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: '1'\n");
  write("values.yaml", "replicas: 1\ncolour: red\n");
  write(
    "crds/tills.yaml",
    `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tills.shop.example.com}
spec:
  group: shop.example.com
  scope: Namespaced
  names: {plural: tills, kind: Till}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {coins: {type: integer}}}}}}
`,
  );
  write(
    "templates/all.yaml",
    `apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-settings"}
data: {colour: "{{ .Values.colour }}"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec: {containers: [{name: main, image: "shop:{{ .Chart.AppVersion }}", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {selector: {app: "{{ .Release.Name }}"}, ports: [{port: 80}]}
---
apiVersion: shop.example.com/v1
kind: Till
metadata: {name: "{{ .Release.Name }}"}
spec: {coins: 3}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: "{{ .Release.Name }}-before"
  annotations: {"helm.sh/hook": pre-install, "helm.sh/hook-delete-policy": hook-succeeded}
data: {a: b}
`,
  );
  write("templates/NOTES.txt", "Welcome to {{ .Release.Name }}\n");
}

for (const version of ["helm-3.17", "helm-4.1"] as const satisfies readonly ToolName[]) {
  test(`install, upgrade, roll back and uninstall through ${version}`, async () => {
    const name = version.replace(/\W/g, "-");
    const env = {
      KUBECONFIG: join(folder, "kubeconfig"),
      HELM_CACHE_HOME: join(folder, name, "cache"),
      HELM_CONFIG_HOME: join(folder, name, "config"),
      HELM_DATA_HOME: join(folder, name, "data"),
    };
    const helm = async (...args: string[]) => {
      const { code, stdout, stderr } = await runClient(tool(version), args, { env });
      assert.equal(code, 0, `helm ${args.join(" ")} failed: ${stderr}`);
      return stdout;
    };
    const kubectl = async (...args: string[]) =>
      (await runClient(tool("kubectl-1.34"), ["--kubeconfig", env.KUBECONFIG, "-n", name, ...args])).stdout;
    assert.match(
      await helm("install", "one", join(folder, "chart"), "-n", name, "--create-namespace"),
      /STATUS: deployed[\s\S]*Welcome to one/,
    );
    assert.equal(
      await kubectl("get", "till/one", "configmap/one-settings", "-o", "jsonpath={.items[*].metadata.name}"),
      "one one-settings",
    );
    assert.match(await helm("list", "-n", name), /^one\s+\S+\s+1\s/m);
    assert.match(
      await helm("upgrade", "one", join(folder, "chart"), "-n", name, "--set", "colour=blue,replicas=3"),
      /STATUS: deployed/,
    );
    assert.equal(await kubectl("get", "configmap/one-settings", "-o", "jsonpath={.data.colour}"), "blue");
    assert.equal(await kubectl("get", "deployment/one", "-o", "jsonpath={.spec.replicas}"), "3");
    assert.match(await helm("history", "one", "-n", name), /^2\s.*deployed/m);
    await helm("rollback", "one", "1", "-n", name);
    assert.equal(await kubectl("get", "configmap/one-settings", "-o", "jsonpath={.data.colour}"), "red");
    assert.match(await helm("get", "manifest", "one", "-n", name), /colour: "red"/);
    assert.match(await helm("status", "one", "-n", name), /REVISION: 3/);
    assert.match(await helm("uninstall", "one", "-n", name), /release "one" uninstalled/);
    assert.equal(await kubectl("get", "deployments,services,tills", "-o", "name"), "");
  });
}
