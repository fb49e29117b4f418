import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import { tool } from "../tools/client-tools.ts";
import { runClient } from "../tools/run-client.ts";

const root = join(import.meta.dirname, "../..");
const cli = join(root, "apps/cli/holdfast.ts");
const folder = mkdtempSync(join(tmpdir(), "holdfast-up-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  readonly process: ChildProcess;
  text(): string;
  until(wanted: string): Promise<void>;
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

function holdfast(args: readonly string[]): Running {
  const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const waiting: (() => void)[] = [];
  const add = (chunk: Buffer) => {
    text += chunk.toString();
    for (const wake of waiting.splice(0)) wake();
  };
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  return {
    process: child,
    text: () => text,
    async until(wanted) {
      while (!text.includes(wanted)) {
        assert.equal(child.exitCode, null, `holdfast ${args.join(" ")} ended: ${text}`);
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          child.once("exit", () => resolve());
        });
      }
    },
    stop(signal) {
      return new Promise((resolve) => {
        child.once("exit", (code) => resolve(code));
        child.kill(signal);
      });
    },
  };
}

test("holdfast up is ready in under 2 s and prints three commands that work as printed; data outlives a restart", async () => {
  const data = join(folder, "up");
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(tool("kubectl-1.34"), join(bin, "kubectl"));
  const env = { PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  const started = performance.now();
  const up = holdfast(["up", "--data-dir", data, "--port", "0"]);
  await up.until("The last one is refused");
  assert.ok(performance.now() - started < 5000, "ready took longer than 5 s even for a busy machine");
  assert.match(up.text(), /Ready after (?:0|1)\.\d s/);
  const printed = up.text().split("Try:\n")[1] ?? "";
  const [first, second, third] = printed.split("\n").map((line) => line.trim()) as [string, string, string];
  const shell = (line: string) =>
    runClient("/bin/sh", ["-c", line], { env: { ...env, KUBECACHEDIR: join(folder, "cache") } });
  assert.match((await shell(`cd ${root} && ${first}`)).stdout, /^team\.butler\.butlerlabs\.dev\/demo +Demo +/m);
  assert.equal((await shell(`cd ${root} && ${second}`)).stdout, "tenantcluster.butler.butlerlabs.dev/first created\n");
  const tenant = join(data, "clusters/demo.hello.kubeconfig");
  assert.match(up.text(), /Cluster {9}demo\/hello at https:\/\/127\.0\.0\.1:\d+, kubeconfig /);
  assert.equal(
    (await shell(`kubectl --kubeconfig ${tenant} create namespace mine -o name`)).stdout,
    "namespace/mine\n",
  );
  const refused = await shell(`cd ${root} && ${third}`);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /admission webhook "vteam\.kb\.io" denied the request: spec\.resourceLimits may only be modified by platform admins; user "dana@example\.com" is not a platform admin/,
  );
  assert.equal(statSync(join(data, "kube/kubeconfig")).mode & 0o777, 0o600);
  assert.equal(await up.stop("SIGTERM"), 0);

  const again = holdfast(["up", "--data-dir", data, "--port", "0", "-o", "json"]);
  await again.until("\n");
  assert.equal(
    (await shell(`kubectl --kubeconfig ${tenant} get namespace mine -o name`)).stdout,
    "namespace/mine\n",
    "the tenant cluster has kept what was in it",
  );
  const ready = JSON.parse(again.text()) as {
    ready: boolean;
    ms: number;
    server: string;
    kubeconfig: string;
    caFile: string;
    parts: { name: string; url: string }[];
  };
  assert.equal(ready.ready, true);
  assert.deepEqual(
    ready.parts.map((p) => p.name),
    ["kube", "butler-controller"],
  );
  const kept = await runClient(tool("kubectl-1.34"), [
    "--kubeconfig",
    ready.kubeconfig,
    "get",
    "tenantclusters",
    "-A",
    "-o",
    "name",
  ]);
  assert.equal(kept.stdout, "tenantcluster.butler.butlerlabs.dev/first\ntenantcluster.butler.butlerlabs.dev/hello\n");
  assert.equal(await again.stop("SIGINT"), 0);
});

test("holdfast kube -o json prints one line when it really answers", async () => {
  const kube = holdfast([
    "kube",
    "--data-dir",
    join(folder, "kube"),
    "--port",
    "0",
    "-o",
    "json",
    "--without-controllers",
  ]);
  await kube.until("\n");
  const ready = JSON.parse(kube.text()) as { ready: boolean; server: string; kubeconfig: string; caFile: string };
  assert.match(ready.server, /^https:\/\/127\.0\.0\.1:\d+$/);
  const got = await runClient(tool("kubectl-1.34"), ["--kubeconfig", ready.kubeconfig, "get", "--raw", "/readyz"]);
  assert.equal(got.stdout, "ok");
  const second = await runClient(process.execPath, [cli, "kube", "--data-dir", join(folder, "kube"), "--port", "0"]);
  assert.equal(second.code, 1);
  assert.match(
    second.stderr,
    /Cannot open ".*store": the process \d+ has it open\. Stop it first, or give another data directory/,
  );
  assert.equal(await kube.stop("SIGTERM"), 0);
});

test("wrong use ends with 2 and a suggestion", async () => {
  const run = (...args: string[]) => runClient(process.execPath, [cli, ...args]);
  const flag = await run("up", "--prot", "1");
  assert.equal(flag.code, 2);
  assert.match(flag.stderr, /unknown option '--prot'\n\(Did you mean --port\?\)/);
  const command = await run("kubee");
  assert.equal(command.code, 2);
  assert.match(command.stderr, /unknown command 'kubee'\n\(Did you mean kube\?\)/);
  const service = await run("run", "butler-controler");
  assert.equal(service.code, 2);
  assert.match(service.stderr, /did you mean butler-controller\?/);
  const port = await run("kube", "--port", "99999");
  assert.equal(port.code, 2);
  for (const args of [["--help"], ["up", "--help"], ["kube", "--help"], ["run", "butler-controller", "--help"]])
    assert.equal((await run(...args)).code, 0, args.join(" "));
});

test("run SERVICE judges its configuration without starting: 0 when it is fine, 2 with every problem at once", async () => {
  const run = (...args: string[]) => runClient(process.execPath, [cli, "run", "butler-controller", ...args]);
  assert.equal((await run("--check-config")).code, 0);
  const wrong = await run(
    "--check-config",
    "--max-concurrent-tc-reconciles=0",
    "--leader-elct",
    "--zap-log-level=loud",
  );
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /3 problems in its configuration/);
  assert.match(wrong.stderr, /flag --leader-elct is not known; did you mean --leader-elect\?/);
  const printed = await run("--print-config", "--leader-elect");
  assert.equal(printed.code, 0);
  assert.match(printed.stdout, /^leaderElect: +true +# flag$/m);
  assert.match(printed.stdout, /^webhookBindAddress: +":9443" +# default$/m);
});
