// Logs, exec, attach, cp and port-forward as kubectl asks for them, against processes of this machine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { badRequest } from "@holdfast/apimachinery/meta/status-error";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import type { PodRunner } from "@holdfast/runtime/kube/pod-runner";
import { listen } from "@holdfast/runtime/net/listener";
import { eventually } from "@holdfast/runtime/testkit/eventually";
import { WebSocket } from "ws";
import { tool } from "../../tools/client-tools.ts";
import { runClient } from "../../tools/run-client.ts";

let kube: Kube;
let folder: string;
let followed: Readable | undefined;
let started = 0;
let ended = 0;

/** Every container is this machine. */
const runner: PodRunner = {
  async logs(of, options) {
    if (of.container === "quiet")
      throw badRequest('container "quiet" in pod "p" is waiting to start: ContainerCreating');
    const lines = ["one\n", "two\n", "three\n"].slice(-(options.tailLines ?? 3));
    if (!options.follow) return Readable.from(lines);
    followed = new Readable({ read: () => undefined });
    followed.push("first\n");
    return followed;
  },
  exec(_of, command, streams, signal) {
    const [file = "", ...args] = command;
    const child = spawn(file, args, { cwd: folder, signal });
    started++;
    if (streams.stdin === undefined) child.stdin.end();
    else streams.stdin.pipe(child.stdin);
    child.stdin.on("error", () => undefined);
    if (streams.stdout !== undefined) child.stdout.pipe(streams.stdout, { end: false });
    if (streams.stderr !== undefined) child.stderr.pipe(streams.stderr, { end: false });
    return new Promise((resolve, reject) => {
      child.on("error", (error) => {
        ended++;
        reject(error);
      });
      child.on("close", (code, killed) => {
        ended++;
        resolve({ exitCode: code ?? (killed === null ? 1 : 128) });
      });
    });
  },
  async attach(_of, streams) {
    streams.stdout?.write("attached\n");
    return { exitCode: 0 };
  },
  async dial(_of, port) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  },
};

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-streams-"));
  kube = await createKube({
    findPodRunner: (node) => (node === "here" ? runner : undefined),
    tokenFile: 'reader-token,reader,1,"readers"',
  });
  writeFileSync(join(folder, "kubeconfig"), kube.kubeconfig);
  await eventually(
    async () => ((await kubectl(["get", "serviceaccount", "default"])).code === 0 ? true : undefined),
    "the default account is there",
  );
  const manifest = ["here", "nowhere"].flatMap((node) => [
    { apiVersion: "v1", kind: "Node", metadata: { name: node } },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: node === "here" ? "p" : "lost", namespace: "default" },
      spec: {
        nodeName: node,
        containers: [
          { name: "main", image: "x" },
          { name: "quiet", image: "x" },
        ],
      },
    },
  ]);
  const applied = await kubectl(
    ["apply", "-f", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items: manifest }),
  );
  assert.equal(applied.code, 0, applied.stderr);
  // kubectl forwards to running pods alone.
  const running = [
    "patch",
    "pod",
    "p",
    "--subresource",
    "status",
    "--type",
    "merge",
    "-p",
    '{"status":{"phase":"Running"}}',
  ];
  assert.equal((await kubectl(running)).code, 0);
});

after(async () => {
  await kube.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** kubectl as it speaks today, over websockets, and as clients before it do. */
const SPDY_ONLY = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" };
const CLIENTS = [
  { name: "kubectl-1.31", version: "kubectl-1.31", env: {} },
  { name: "kubectl-1.32", version: "kubectl-1.32", env: {} },
  { name: "kubectl-1.33", version: "kubectl-1.33", env: {} },
  { name: "kubectl-1.34", version: "kubectl-1.34", env: {} },
  { name: "kubectl-1.35", version: "kubectl-1.35", env: {} },
  { name: "kubectl-1.34 over SPDY", version: "kubectl-1.34", env: SPDY_ONLY },
] as const;

function kubectl(
  args: readonly string[],
  input?: string,
  client: { readonly version: Parameters<typeof tool>[0]; readonly env: Readonly<Record<string, string>> } = {
    version: "kubectl-1.34",
    env: {},
  },
) {
  return runClient(
    tool(client.version),
    ["--kubeconfig", join(folder, "kubeconfig"), "--cache-dir", join(folder, "cache"), ...args],
    { env: client.env, ...(input === undefined ? {} : { input }) },
  );
}

for (const client of CLIENTS) {
  test(`${client.name} logs: whole, the tail, and what a container that has not started says`, async () => {
    assert.equal((await kubectl(["logs", "p", "-c", "main"], undefined, client)).stdout, "one\ntwo\nthree\n");
    assert.equal((await kubectl(["logs", "p", "-c", "main", "--tail", "1"], undefined, client)).stdout, "three\n");
    const waiting = await kubectl(["logs", "p", "-c", "quiet"], undefined, client);
    assert.match(waiting.stderr, /container "quiet" in pod "p" is waiting to start: ContainerCreating/);
    const unknown = await kubectl(["logs", "p", "-c", "nope"], undefined, client);
    assert.match(unknown.stderr, /container nope is not valid for pod p/);
  });
}

for (const client of CLIENTS) {
  test(`${client.name} logs -f tells each line as it comes, and ends with the log`, async () => {
    followed = undefined;
    const outcome = kubectl(["logs", "-f", "p", "-c", "main"], undefined, client);
    const log = await eventually(async () => followed, "the log is followed");
    log.push("second\n");
    log.push(null);
    assert.equal((await outcome).stdout, "first\nsecond\n");
  });
}

for (const client of CLIENTS) {
  test(`${client.name} exec: output, error output, input and exit status`, async () => {
    const run = (args: readonly string[], input?: string) => kubectl(["exec", ...args], input, client);
    const both = await run(["p", "-c", "main", "--", "sh", "-c", "echo out; echo err >&2"]);
    assert.deepEqual([both.code, both.stdout, both.stderr], [0, "out\n", "err\n"]);
    const failed = await run(["p", "-c", "main", "--", "sh", "-c", "exit 7"]);
    assert.equal(failed.code, 7);
    assert.match(failed.stderr, /command terminated with exit code 7/);
    const input = "x".repeat(300_000);
    const counted = await run(["-i", "p", "-c", "main", "--", "wc", "-c"], input);
    assert.equal(counted.stdout.trim(), "300000");
  });
}

test("kubectl exec takes the first container of several with a hint, and names what it can choose from", async () => {
  const chosen = await kubectl(["exec", "p", "--", "echo", "hi"]);
  assert.equal(chosen.stdout, "hi\n");
  const missing = await kubectl(["exec", "p", "-c", "main", "--", "no-such-command"]);
  assert.notEqual(missing.code, 0);
});

test("a megabyte of output arrives whole and in order", async () => {
  const outcome = await kubectl(["exec", "p", "-c", "main", "--", "seq", "1", "200000"]);
  const lines = outcome.stdout.trimEnd().split("\n");
  assert.equal(lines.length, 200_000);
  assert.equal(lines[123_455], "123456");
});

for (const client of CLIENTS) {
  test(`${client.name} cp brings a file there and back`, async () => {
    const text = "line\n".repeat(50_000);
    writeFileSync(join(folder, "sent.txt"), text);
    const to = await kubectl(
      ["cp", join(folder, "sent.txt"), `default/p:${join(folder, "there.txt")}`, "-c", "main"],
      undefined,
      client,
    );
    assert.equal(to.code, 0, to.stderr);
    assert.equal(readFileSync(join(folder, "there.txt"), "utf8"), text);
    const back = await kubectl(
      ["cp", `default/p:${join(folder, "there.txt")}`, join(folder, "back.txt"), "-c", "main"],
      undefined,
      client,
    );
    assert.equal(back.code, 0, back.stderr);
    assert.equal(readFileSync(join(folder, "back.txt"), "utf8"), text);
  });
}

for (const client of CLIENTS) {
  test(`${client.name} attach joins the process`, async () => {
    const outcome = await kubectl(["attach", "p", "-c", "main"], undefined, client);
    assert.match(outcome.stdout, /attached/);
  });
}

for (const client of CLIENTS) {
  test(`${client.name} port-forward carries connections both ways, one after the other and at once`, async (t) => {
    const echo = createServer((socket) => socket.pipe(socket));
    const port = await listen(echo, { host: "127.0.0.1", port: 0 });
    t.after(() => echo.close());
    const child = spawn(
      tool(client.version),
      ["--kubeconfig", join(folder, "kubeconfig"), "port-forward", "pod/p", `:${port}`],
      { env: { ...process.env, ...client.env } },
    );
    t.after(() => child.kill());
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += String(chunk);
    });
    const local = await eventually(async () => /127\.0\.0\.1:(\d+) ->/.exec(said)?.[1], "it forwards");
    const echoOf = async (text: string) => {
      const socket = connect(Number(local), "127.0.0.1");
      let answer = "";
      socket.on("data", (chunk) => {
        answer += String(chunk);
        if (answer.length === text.length) socket.end();
      });
      socket.write(text);
      await once(socket, "close");
      return answer;
    };
    assert.equal(await echoOf("hello"), "hello");
    const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(100_000));
    assert.deepEqual(await Promise.all(texts.map(echoOf)), texts);
  });
}

test("a stream to a node that nobody runs says so", async () => {
  const outcome = await kubectl(["logs", "lost", "-c", "main"]);
  assert.match(outcome.stderr, /node "nowhere" is not connected to this API server/);
});

test("the right to read pods/exec is no right to run commands: a websocket comes as a GET", async () => {
  const rules = JSON.stringify({
    apiVersion: "v1",
    kind: "List",
    items: [
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "reader" },
        rules: [{ apiGroups: [""], resources: ["pods", "pods/exec"], verbs: ["get"] }],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "reader" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "reader" }],
      },
    ],
  });
  assert.equal((await kubectl(["apply", "-f", "-"], rules)).code, 0);
  const before = started;
  const socket = new WebSocket(
    `${kube.server.replace("https", "wss")}/api/v1/namespaces/default/pods/p/exec?container=main&command=id&stdout=true`,
    ["v5.channel.k8s.io"],
    { ca: kube.caCert, headers: { authorization: "Bearer reader-token" } },
  );
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
  assert.equal(response.statusCode, 403);
  assert.equal(started, before);
  socket.on("error", () => undefined);
  socket.terminate();
});

test("a client that leaves ends what was started for it", async () => {
  const before = ended;
  const socket = new WebSocket(
    `${kube.server.replace("https", "wss")}/api/v1/namespaces/default/pods/p/exec?container=main&command=sleep&command=600&stdout=true`,
    ["v5.channel.k8s.io"],
    { ca: kube.caCert, cert: kube.admin.cert, key: kube.admin.key },
  );
  await once(socket, "message");
  socket.terminate();
  await eventually(async () => (ended > before ? true : undefined), "the process ended");
});

test("a client that leaves in the middle of much output takes nothing down with it", async () => {
  for (const env of [{}, SPDY_ONLY]) {
    const before = ended;
    const child = spawn(
      tool("kubectl-1.34"),
      ["--kubeconfig", join(folder, "kubeconfig"), "exec", "p", "-c", "main", "--", "yes"],
      { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "ignore"] },
    );
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await eventually(async () => (ended > before ? true : undefined), "the process ended");
    assert.equal((await kubectl(["get", "pod", "p", "-o", "name"])).stdout, "pod/p\n");
  }
});

test("a request that asks for another protocol where there is none is served as any other, and keeps its connection", async () => {
  const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "upgraded" } });
  const answer = await new Promise<readonly unknown[]>((resolve, reject) => {
    const sent = request(
      `${kube.server}/api/v1/namespaces/default/configmaps`,
      {
        method: "POST",
        ca: kube.caCert,
        cert: kube.admin.cert,
        key: kube.admin.key,
        agent: false,
        headers: { connection: "Upgrade", upgrade: "websocket", "content-type": "application/json" },
      },
      (response) => {
        response.resume();
        resolve([response.statusCode, response.headers.connection]);
      },
    );
    sent.setTimeout(5000, () => sent.destroy(new Error("no answer within 5 s")));
    sent.on("error", reject);
    sent.end(body);
  });
  assert.deepEqual(answer, [201, "keep-alive"]);
});

test("a request without a websocket, or with another subprotocol, is refused in words", async () => {
  const plain = await kubectl([
    "get",
    "--raw",
    "/api/v1/namespaces/default/pods/p/exec?container=main&command=id&stdout=true",
  ]);
  assert.match(plain.stderr, /unable to upgrade: missing upgrade headers in request/);
  const socket = new WebSocket(
    `${kube.server.replace("https", "wss")}/api/v1/namespaces/default/pods/p/exec?container=main&command=id&stdout=true`,
    ["v1.other"],
    { ca: kube.caCert, cert: kube.admin.cert, key: kube.admin.key },
  );
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, Readable & { statusCode: number }];
  assert.equal(response.statusCode, 400);
  let body = "";
  for await (const chunk of response) body += String(chunk);
  assert.match(
    (JSON.parse(body) as { message: string }).message,
    /^none of the offered subprotocols \[v1\.other\] is served/,
  );
});
