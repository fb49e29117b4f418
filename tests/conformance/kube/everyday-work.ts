// One script of everyday work, run through every kubectl: what a person does with a cluster, and what each command must say.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runClient } from "../../tools/run-client.ts";

export interface Bench {
  /** Path of the client. */
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** A folder of this run's own. */
  readonly folder: string;
  /** Namespace and names of this run: several versions work on one server at once. */
  readonly name: string;
}

export class Kubectl {
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** Runs a command that must succeed; its output. */
  async ok(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.#run(args, input);
    assert.equal(code, 0, `kubectl ${args.join(" ")} failed: ${stderr}`);
    return stdout;
  }

  /** Runs a command that must fail; what it says. */
  async fails(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.#run(args, input);
    assert.notEqual(code, 0, `kubectl ${args.join(" ")} was expected to fail and said: ${stdout}`);
    return stderr;
  }

  /** Starts a command that stays; collects its lines until `stop`. */
  stay(args: readonly string[]): { lines(): string[]; until(text: string): Promise<void>; stop(): void } {
    const child = spawn(this.#bench.kubectl, this.#flags(args), { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    const waiting: (() => void)[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      for (const wake of waiting.splice(0)) wake();
    });
    return {
      lines: () => text.trimEnd().split("\n"),
      async until(wanted) {
        const late = setTimeout(() => child.kill(), 15_000);
        while (!text.includes(wanted)) {
          assert.equal(
            child.exitCode,
            null,
            `kubectl ${args.join(" ")} ended before it said ${JSON.stringify(wanted)}: ${text}`,
          );
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
            child.once("exit", () => resolve());
          });
        }
        clearTimeout(late);
      },
      stop: () => void child.kill(),
    };
  }

  #flags(args: readonly string[]): string[] {
    const { kubeconfig, folder, name } = this.#bench;
    return ["--kubeconfig", kubeconfig, "--cache-dir", join(folder, "cache"), "-n", name, ...args];
  }

  #run(args: readonly string[], input?: string) {
    const editor = join(this.#bench.folder, "editor.sh");
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/colour: red/colour: green/" "$1"\n');
    chmodSync(editor, 0o755);
    return runClient(this.#bench.kubectl, this.#flags(args), {
      ...(input === undefined ? {} : { input }),
      env: { KUBE_EDITOR: editor },
    });
  }
}

/** The whole script. */
export async function everydayWork(bench: Bench): Promise<void> {
  const k = new Kubectl(bench);
  const { name } = bench;
  await looksAround(k);
  assert.equal(await k.ok(["create", "namespace", name]), `namespace/${name} created\n`);
  await createsByCommand(k);
  await appliesFromFiles(k, name);
  await appliesOnTheServer(k);
  await changesInPlace(k);
  await readsInManyForms(k, name);
  await watchesAndWaits(k);
  await scalesAndRollsOut(k);
  await explains(k);
  await worksWithCustomResources(k, name);
  await dryRunsKeepNothing(k);
  await asksForRights(k, name);
  await deletes(k, name);
}

async function looksAround(k: Kubectl): Promise<void> {
  assert.match(await k.ok(["version"]), /Server Version: v1\.34\./);
  const resources = await k.ok(["api-resources"]);
  assert.match(resources, /^deployments +deploy +apps\/v1 +true +Deployment$/m);
  assert.match(
    resources,
    /^customresourcedefinitions +crd,crds +apiextensions\.k8s\.io\/v1 +false +CustomResourceDefinition$/m,
  );
  assert.match(await k.ok(["api-versions"]), /^rbac\.authorization\.k8s\.io\/v1$/m);
  assert.match(await k.ok(["get", "namespaces"]), /^default +Active +/m);
  assert.match(await k.ok(["cluster-info"]), /Kubernetes control plane.* is running at/);
}

/** These send protobuf bodies. */
async function createsByCommand(k: Kubectl): Promise<void> {
  assert.equal(
    await k.ok(["create", "configmap", "settings", "--from-literal=colour=red", "--from-literal=size=5"]),
    "configmap/settings created\n",
  );
  assert.equal(
    await k.ok(["create", "secret", "generic", "pass", "--from-literal=word=sesame"]),
    "secret/pass created\n",
  );
  assert.equal(await k.ok(["create", "serviceaccount", "robot"]), "serviceaccount/robot created\n");
  assert.equal(
    await k.ok(["create", "role", "reader", "--verb=get,list", "--resource=configmaps"]),
    "role.rbac.authorization.k8s.io/reader created\n",
  );
  assert.equal(
    await k.ok(["create", "rolebinding", "readers", "--role=reader", "--serviceaccount=default:robot"]),
    "rolebinding.rbac.authorization.k8s.io/readers created\n",
  );
  assert.equal(
    await k.ok(["create", "deployment", "web", "--image=nginx:1", "--replicas=2"]),
    "deployment.apps/web created\n",
  );
  assert.equal(await k.ok(["create", "service", "clusterip", "web", "--tcp=80:8080"]), "service/web created\n");
  assert.equal(await k.ok(["create", "job", "once", "--image=busybox"]), "job.batch/once created\n");
  assert.equal(
    await k.ok(["create", "cronjob", "often", "--image=busybox", "--schedule=*/5 * * * *"]),
    "cronjob.batch/often created\n",
  );
  assert.equal(await k.ok(["create", "quota", "few", "--hard=pods=5"]), "resourcequota/few created\n");
  assert.equal(await k.ok(["get", "secret", "pass", "-o", "jsonpath={.data.word}"]), "c2VzYW1l");
  assert.match(await k.ok(["create", "token", "robot"]), /^ey[\w-]+\.[\w-]+\.[\w-]+\n?$/);
  assert.match(
    await k.fails(["create", "configmap", "settings"]),
    /^error: failed to create configmap: configmaps "settings" already exists/,
  );
  assert.equal(await k.ok(["run", "solo", "--image=nginx"]), "pod/solo created\n");
}

async function appliesFromFiles(k: Kubectl, name: string): Promise<void> {
  const config = (data: Record<string, string>) =>
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied" }, data });
  assert.equal(await k.ok(["apply", "-f", "-"], config({ a: "1", b: "2" })), "configmap/applied created\n");
  assert.equal(await k.ok(["apply", "-f", "-"], config({ a: "1", b: "2" })), "configmap/applied unchanged\n");
  assert.equal(await k.ok(["apply", "-f", "-"], config({ a: "3" })), "configmap/applied configured\n");
  assert.equal(await k.ok(["get", "configmap", "applied", "-o", "jsonpath={.data}"]), '{"a":"3"}');
  const deployment = (image: string, env: object[]) =>
    JSON.stringify({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "app", labels: { team: name } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: "app" } },
        template: { metadata: { labels: { app: "app" } }, spec: { containers: [{ name: "main", image, env }] } },
      },
    });
  await k.ok(
    ["apply", "-f", "-"],
    deployment("app:1", [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ]),
  );
  // A strategic merge: the list of variables is merged by name.
  assert.equal(
    await k.ok(["apply", "-f", "-"], deployment("app:2", [{ name: "B", value: "3" }])),
    "deployment.apps/app configured\n",
  );
  assert.equal(
    await k.ok([
      "get",
      "deployment",
      "app",
      "-o",
      "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env}",
    ]),
    'app:2 [{"name":"B","value":"3"}]',
  );
  assert.match(
    await k.fails(
      ["apply", "-f", "-"],
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"typo"},"dat":{"a":"1"}}',
    ),
    /unknown field "dat"/,
  );
  await k.fails(["diff", "-f", "-"], config({ a: "4" }));
  assert.equal(await k.ok(["replace", "-f", "-"], config({ z: "9" })), "configmap/applied replaced\n");
}

async function appliesOnTheServer(k: Kubectl): Promise<void> {
  const config = (data: Record<string, string>) =>
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "ssa" }, data });
  assert.equal(
    await k.ok(["apply", "--server-side", "-f", "-"], config({ a: "1" })),
    "configmap/ssa serverside-applied\n",
  );
  const conflict = await k.fails(["apply", "--server-side", "--field-manager=other", "-f", "-"], config({ a: "2" }));
  assert.match(conflict, /conflict with "kubectl": \.data\.a/);
  assert.equal(
    await k.ok(["apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-"], config({ a: "2" })),
    "configmap/ssa serverside-applied\n",
  );
  assert.equal(
    await k.ok(["get", "configmap", "ssa", "-o", "jsonpath={.data.a} {.metadata.managedFields[*].manager}"]),
    "2 other",
  );
  // From client-side to server-side: kubectl rewrites managedFields itself.
  await k.ok(
    ["apply", "-f", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "moved" }, data: { a: "1" } }),
  );
  assert.equal(
    await k.ok(
      ["apply", "--server-side", "-f", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "moved" }, data: { a: "2" } }),
    ),
    "configmap/moved serverside-applied\n",
  );
}

async function changesInPlace(k: Kubectl): Promise<void> {
  assert.equal(
    await k.ok(["patch", "configmap", "settings", "--type=merge", "-p", '{"data":{"size":"6"}}']),
    "configmap/settings patched\n",
  );
  assert.equal(
    await k.ok([
      "patch",
      "configmap",
      "settings",
      "--type=json",
      "-p",
      '[{"op":"add","path":"/data/added","value":"yes"}]',
    ]),
    "configmap/settings patched\n",
  );
  assert.equal(
    await k.ok([
      "patch",
      "deployment",
      "web",
      "-p",
      '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:2"}]}}}}',
    ]),
    "deployment.apps/web patched\n",
  );
  assert.equal(await k.ok(["label", "configmap", "settings", "tier=front"]), "configmap/settings labeled\n");
  assert.equal(await k.ok(["annotate", "configmap", "settings", "note=hello"]), "configmap/settings annotated\n");
  assert.match(await k.fails(["label", "configmap", "settings", "tier=back"]), /already has a value/);
  assert.equal(await k.ok(["label", "configmap", "settings", "tier-"]), "configmap/settings unlabeled\n");
  assert.equal(await k.ok(["edit", "configmap", "settings"]), "configmap/settings edited\n");
  assert.equal(
    await k.ok(["get", "configmap", "settings", "-o", "jsonpath={.data.colour} {.data.size} {.data.added}"]),
    "green 6 yes",
  );
  assert.equal(await k.ok(["set", "image", "deployment/web", "nginx=nginx:3"]), "deployment.apps/web image updated\n");
  assert.equal(
    await k.ok(["get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"]),
    "nginx:3",
  );
  assert.match(
    await k.fails(["patch", "deployment", "web", "-p", '{"spec":{"selector":{"matchLabels":{"app":"other"}}}}']),
    /field is immutable/,
  );
}

async function readsInManyForms(k: Kubectl, name: string): Promise<void> {
  assert.match(await k.ok(["get", "deployments"]), /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE$/m);
  assert.match(await k.ok(["get", "deployments", "-o", "wide"]), /CONTAINERS +IMAGES +SELECTOR$/m);
  assert.match(await k.ok(["get", "pods,services"]), /^service\/web +ClusterIP +10\.\d+\.\d+\.\d+ +<none> +80\/TCP +/m);
  assert.equal(await k.ok(["get", "configmaps", "-l", "nonesuch=1", "-o", "name"]), "");
  assert.match(await k.ok(["get", "configmap", "settings", "-o", "yaml"]), /^kind: ConfigMap$/m);
  assert.equal(JSON.parse(await k.ok(["get", "configmap", "settings", "-o", "json"])).metadata.namespace, name);
  assert.match(
    await k.ok(["get", "configmaps", "--chunk-size=1", "-o", "name"]),
    /configmap\/applied\n(?:.*\n)*configmap\/settings\n/,
  );
  assert.equal(
    await k.ok(["get", "configmaps", "--field-selector=metadata.name=settings", "-o", "name"]),
    "configmap/settings\n",
  );
  assert.match(await k.ok(["get", "configmaps", "--sort-by=.metadata.name", "--no-headers"]), /^applied /);
  assert.match(await k.ok(["get", "all"]), /deployment\.apps\/web/);
  const described = await k.ok(["describe", "configmap", "settings"]);
  assert.match(described, /^Name: +settings$/m);
  assert.match(described, /^green$/m);
  assert.match(await k.ok(["describe", "deployment", "web"]), /^Selector: +app=web$/m);
  assert.match(
    await k.fails(["get", "configmap", "nonesuch"]),
    /^Error from server \(NotFound\): configmaps "nonesuch" not found/,
  );
  assert.match(await k.fails(["get", "nonesuch"]), /the server doesn't have a resource type "nonesuch"/);
}

async function watchesAndWaits(k: Kubectl): Promise<void> {
  await k.ok(["create", "configmap", "seen", "--from-literal=a=1"]);
  const watch = k.stay(["get", "configmap", "seen", "-w", "-o", "jsonpath={.data.a}{'\\n'}"]);
  await watch.until("1\n");
  await k.ok(["patch", "configmap", "seen", "--type=merge", "-p", '{"data":{"a":"2"}}']);
  await watch.until("2\n");
  watch.stop();
  assert.deepEqual(watch.lines(), ["1", "2"]);
  const table = k.stay(["get", "configmaps", "-w"]);
  await table.until("seen");
  table.stop();
  const waiting = k.ok(["wait", "--for=jsonpath={.data.a}=3", "configmap/seen", "--timeout=15s"]);
  await k.ok(["patch", "configmap", "seen", "--type=merge", "-p", '{"data":{"a":"3"}}']);
  assert.equal(await waiting, "configmap/seen condition met\n");
  const gone = k.ok(["wait", "--for=delete", "configmap/seen", "--timeout=15s"]);
  await k.ok(["delete", "configmap", "seen"]);
  await gone;
}

async function scalesAndRollsOut(k: Kubectl): Promise<void> {
  assert.equal(await k.ok(["scale", "deployment", "web", "--replicas=5"]), "deployment.apps/web scaled\n");
  assert.equal(await k.ok(["get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"]), "5");
  assert.match(
    await k.fails(["scale", "deployment", "web", "--current-replicas=1", "--replicas=2"]),
    /Expected replicas to be 1, was 5/,
  );
  assert.equal(
    await k.ok(["autoscale", "deployment", "web", "--min=1", "--max=3"]),
    "horizontalpodautoscaler.autoscaling/web autoscaled\n",
  );
  assert.equal(await k.ok(["rollout", "restart", "deployment/web"]), "deployment.apps/web restarted\n");
  assert.equal(await k.ok(["rollout", "pause", "deployment/web"]), "deployment.apps/web paused\n");
}

async function explains(k: Kubectl): Promise<void> {
  assert.match(await k.ok(["explain", "deployment.spec.replicas"]), /FIELD: replicas <integer>/);
  assert.match(await k.ok(["explain", "pod.spec.containers"]), /image\s+<string>/);
}

async function worksWithCustomResources(k: Kubectl, name: string): Promise<void> {
  const group = `${name}.example.com`;
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `boats.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "boats", singular: "boat", kind: "Boat", shortNames: ["bt"] },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {}, scale: { specReplicasPath: ".spec.crew", statusReplicasPath: ".status.crew" } },
          additionalPrinterColumns: [{ name: "Crew", type: "integer", jsonPath: ".spec.crew" }],
          schema: {
            openAPIV3Schema: {
              type: "object",
              description: "A boat.",
              properties: {
                spec: {
                  type: "object",
                  required: ["crew"],
                  "x-kubernetes-validations": [{ rule: "self.crew <= self.places", message: "the crew does not fit" }],
                  properties: {
                    crew: { type: "integer", minimum: 0, description: "People aboard." },
                    places: { type: "integer", default: 8 },
                  },
                },
                status: { type: "object", properties: { crew: { type: "integer" }, phase: { type: "string" } } },
              },
            },
          },
        },
      ],
    },
  };
  await k.ok(["apply", "-f", "-"], JSON.stringify(definition));
  assert.match(
    await k.ok(["wait", "--for=condition=Established", `crd/boats.${group}`, "--timeout=15s"]),
    /condition met/,
  );
  const boat = (spec: object) =>
    JSON.stringify({ apiVersion: `${group}/v1`, kind: "Boat", metadata: { name: "anna" }, spec });
  assert.equal(await k.ok(["apply", "-f", "-"], boat({ crew: 3 })), `boat.${group}/anna created\n`);
  assert.match(await k.ok(["get", `boats.${group}`]), /^NAME +CREW\nanna +3\n$/);
  assert.match(
    await k.fails(["apply", "-f", "-"], boat({ crew: -1 })),
    /spec\.crew in body should be greater than or equal to 0/,
  );
  assert.match(await k.fails(["apply", "-f", "-"], boat({ crew: 9 })), /the crew does not fit/);
  assert.match(await k.fails(["apply", "-f", "-"], boat({ crew: 3, sails: 2 })), /unknown field "spec\.sails"/);
  assert.equal(await k.ok(["scale", `boats.${group}/anna`, "--replicas=4"]), `boat.${group}/anna scaled\n`);
  assert.equal(
    await k.ok([
      "patch",
      `boats.${group}/anna`,
      "--subresource=status",
      "--type=merge",
      "-p",
      '{"status":{"phase":"Afloat"}}',
    ]),
    `boat.${group}/anna patched\n`,
  );
  assert.equal(
    await k.ok([
      "get",
      `boats.${group}/anna`,
      "-o",
      "jsonpath={.spec.crew} {.spec.places} {.status.phase} {.metadata.generation}",
    ]),
    "4 8 Afloat 2",
  );
  assert.match(await k.ok(["explain", "boats", "--api-version", `${group}/v1`]), /A boat\./);
  assert.equal(
    await k.ok(["delete", "crd", `boats.${group}`]),
    `customresourcedefinition.apiextensions.k8s.io "boats.${group}" deleted\n`,
  );
  assert.match(
    await k.fails(["get", `boats.${group}`]),
    /the server doesn't have a resource type|could not find the requested resource/,
  );
}

async function dryRunsKeepNothing(k: Kubectl): Promise<void> {
  assert.equal(
    await k.ok(["create", "configmap", "ghost", "--dry-run=server"]),
    "configmap/ghost created (server dry run)\n",
  );
  assert.match(await k.fails(["get", "configmap", "ghost"]), /not found/);
  assert.match(
    await k.ok(["delete", "configmap", "settings", "--dry-run=server"]),
    /^configmap "settings" deleted.* \(server dry run\)$/m,
  );
  assert.equal(await k.ok(["get", "configmap", "settings", "-o", "name"]), "configmap/settings\n");
}

async function asksForRights(k: Kubectl, name: string): Promise<void> {
  assert.equal(await k.ok(["auth", "can-i", "create", "deployments"]), "yes\n");
  const robot = ["--as", `system:serviceaccount:${name}:nobody`];
  await k.fails([...robot, "auth", "can-i", "create", "deployments"]);
  assert.match(
    await k.fails([...robot, "get", "configmaps"]),
    /Forbidden.*cannot list resource "configmaps" in API group "" in the namespace/,
  );
  assert.match(await k.ok(["auth", "whoami"]), /system:masters/);
  assert.match(await k.ok(["auth", "can-i", "--list"]), /\*\.\* +\[\] +\[\] +\[\*\]/);
}

async function deletes(k: Kubectl, name: string): Promise<void> {
  await k.ok(["patch", "configmap", "ssa", "--type=merge", "-p", '{"metadata":{"finalizers":["example.com/hold"]}}']);
  await k.ok(["delete", "configmap", "ssa", "--wait=false"]);
  assert.match(await k.ok(["get", "configmap", "ssa", "-o", "jsonpath={.metadata.deletionTimestamp}"]), /^\d{4}-/);
  await k.ok(["patch", "configmap", "ssa", "--type=merge", "-p", '{"metadata":{"finalizers":null}}']);
  assert.match(await k.fails(["get", "configmap", "ssa"]), /not found/);
  assert.match(await k.ok(["delete", "deployment", "web", "--cascade=foreground"]), /deployment\.apps "web" deleted/);
  assert.match(await k.ok(["delete", "configmaps", "--all"]), /configmap "settings" deleted/);
  assert.match(await k.ok(["delete", "namespace", name]), new RegExp(`namespace "${name}" deleted`));
  assert.match(await k.fails(["get", "namespace", name]), /not found/);
}
