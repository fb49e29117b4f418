import type { Duplex } from "node:stream";
import { badRequest, failure } from "@holdfast/apimachinery/meta/status-error";
import type { FindPodRunner, ProcessEnd } from "@holdfast/runtime/kube/pod-runner";
import type { Logger } from "@holdfast/runtime/log/logger";
import { createWebSocketStream } from "ws";
import { type Exchange, refusal } from "../http/handler.ts";
import { isTrue } from "../http/request-info.ts";
import type { SubresourceRoutes } from "../http/resource-route.ts";
import type { Upgrade } from "../http/upgrade.ts";
import type { KubeContext } from "../operations/kube-context.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import { statusOfEnd, statusOfError } from "./exec-status.ts";
import { serveLog } from "./log-route.ts";
import { chooseContainer, containerRef, findPod, type PodTarget, runnerOf } from "./pod-target.ts";
import { PORT_FORWARD_PROTOCOL, servePortForward, TUNNEL_PROTOCOL } from "./port-forward.ts";
import { REMOTE_COMMAND_PROTOCOLS, type RemoteCommand, remoteCommand, type WantedStreams } from "./remote-command.ts";
import { SPDY_COMMAND_PROTOCOLS, spdyRemoteCommand } from "./spdy-remote-command.ts";
import { openWebSocket, webSocketProtocols } from "./web-socket.ts";

export interface StreamParts {
  readonly kube: KubeContext;
  readonly find: FindPodRunner;
  readonly log: Logger;
  /** Told of each open stream how it is cut off; returns how to forget it. */
  readonly register: (end: () => void) => () => void;
}

/** Streams open at once; more are refused. */
const MAX_STREAMS = 512;

/** pods/log, pods/exec, pods/attach and pods/portforward. */
export function streamRoutes(parts: StreamParts): SubresourceRoutes {
  const { store } = parts.kube;
  let open = 0;
  /** Counts the stream, and cuts it off with the server. */
  const limited = async (work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    if (open >= MAX_STREAMS) {
      throw failure("TooManyRequests", `${open} streams are open already; close one and try again`, {
        status: { retryAfterSeconds: 1 },
      });
    }
    open++;
    const end = new AbortController();
    const forget = parts.register(() => end.abort());
    try {
      await work(end.signal);
    } finally {
      open--;
      forget();
    }
  };
  const log = (exchange: Exchange) =>
    limited((signal) =>
      serveLog({ store, find: parts.find, now: () => parts.kube.now() }, exchange, (end) => {
        signal.addEventListener("abort", end, { once: true });
        return () => signal.removeEventListener("abort", end);
      }),
    );
  const process = (kind: "exec" | "attach") => (exchange: Exchange, type: ResourceType) =>
    limited((signal) => serveProcess(parts, exchange, { kind, type, signal }));
  return new Map([
    ["pods/log", log],
    ["pods/exec", process("exec")],
    ["pods/attach", process("attach")],
    ["pods/portforward", (exchange, type) => limited((signal) => serveForward(parts, exchange, type, signal))],
  ]);
}

interface ProcessRequest {
  readonly kind: "exec" | "attach";
  readonly type: ResourceType;
  readonly signal: AbortSignal;
}

async function serveProcess(
  parts: StreamParts,
  exchange: Exchange,
  { kind, type, signal }: ProcessRequest,
): Promise<void> {
  const { info } = exchange;
  const target = streamTarget(parts, exchange, type);
  const container = chooseContainer(target, info.query.get("container") ?? "");
  const runner = runnerOf(parts.kube.store, parts.find, target);
  const flag = (name: string) => isTrue(info.query.get(name));
  const wanted: WantedStreams = {
    stdin: flag("stdin"),
    stdout: flag("stdout"),
    stderr: flag("stderr"),
    tty: flag("tty"),
  };
  const command = info.query.getAll("command");
  if (kind === "exec" && command.length === 0)
    throw badRequest("you must specify at least 1 command for the container");
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr)
    throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  const ref = containerRef(target, container);
  const { remote, gone } = await openRemoteCommand(exchange, wanted, signal);
  if (remote === undefined) return;
  try {
    const end: ProcessEnd =
      kind === "exec"
        ? await runner.exec(ref, command, remote.streams, gone)
        : await runner.attach(ref, remote.streams, gone);
    await remote.finish(statusOfEnd(end));
  } catch (error) {
    if (!gone.aborted) parts.log.debug("remote command failed", { kind, pod: info.name, error });
    await remote.finish(statusOfError(error));
  }
}

/** @returns also the signal that the client has left, or is cut off with the server */
async function openRemoteCommand(
  exchange: Exchange,
  wanted: WantedStreams,
  signal: AbortSignal,
): Promise<{ readonly remote: RemoteCommand | undefined; readonly gone: AbortSignal }> {
  const upgrade = upgradeOf(exchange);
  const gone = new AbortController();
  if (webSocketProtocols(exchange) !== undefined) {
    const { socket } = await openWebSocket(exchange, upgrade, REMOTE_COMMAND_PROTOCOLS);
    socket.on("close", () => gone.abort());
    signal.addEventListener("abort", () => socket.close(1001, "the server ends"), { once: true });
    return { remote: remoteCommand(socket, wanted), gone: gone.signal };
  }
  const connection = switchToSpdy(exchange, upgrade, SPDY_COMMAND_PROTOCOLS);
  connection.on("close", () => gone.abort());
  signal.addEventListener("abort", () => connection.destroy(), { once: true });
  return { remote: await spdyRemoteCommand(connection, wanted), gone: gone.signal };
}

/** Answers 101 with the first of `served` that the client offers. @throws StatusError 400 when it offers none */
function switchToSpdy(exchange: Exchange, upgrade: Upgrade, served: readonly string[]): Duplex {
  const offered = String(exchange.request.headers["x-stream-protocol-version"] ?? "")
    .split(",")
    .map((protocol) => protocol.trim());
  const protocol = served.find((name) => offered.includes(name));
  if (protocol === undefined) {
    throw badRequest(
      `unable to upgrade: none of the offered stream protocols [${offered.join(" ").slice(0, 200)}] is served; served are [${served.join(" ")}]`,
    );
  }
  const { socket, head } = upgrade;
  upgrade.take();
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return socket;
}

async function serveForward(
  parts: StreamParts,
  exchange: Exchange,
  type: ResourceType,
  signal: AbortSignal,
): Promise<void> {
  const target = streamTarget(parts, exchange, type);
  const runner = runnerOf(parts.kube.store, parts.find, target);
  const { container: _none, ...pod } = containerRef(target, "");
  const upgrade = upgradeOf(exchange);
  if (webSocketProtocols(exchange) !== undefined) {
    const { socket } = await openWebSocket(exchange, upgrade, [TUNNEL_PROTOCOL]);
    await servePortForward(createWebSocketStream(socket), pod, runner, signal).catch((error: unknown) => {
      parts.log.debug("port-forward ended", { pod: pod.pod, error });
      socket.terminate();
    });
    return;
  }
  const connection = switchToSpdy(exchange, upgrade, [PORT_FORWARD_PROTOCOL]);
  await servePortForward(connection, pod, runner, signal).catch((error: unknown) => {
    parts.log.debug("port-forward ended", { pod: pod.pod, error });
    connection.destroy();
  });
}

/** The pod, for a caller who may change it: a websocket comes as a GET, which the right to read must not turn into a shell. */
function streamTarget(parts: StreamParts, exchange: Exchange, type: ResourceType): PodTarget {
  const { info, user } = exchange;
  if (info.verb !== "create") {
    const attributes = {
      user,
      verb: "create",
      group: type.group,
      version: type.version,
      resource: type.plural,
      subresource: info.subresource,
      namespace: info.namespace,
      name: info.name,
    };
    const decision = parts.kube.authorizer.authorize(attributes);
    if (!decision.allowed) throw refusal(attributes, decision.reason);
  }
  return findPod(parts.kube.store, info.namespace, info.name);
}

/** @throws StatusError 400 for a request that asks for no other protocol, or one that is not served */
function upgradeOf(exchange: Exchange): Upgrade {
  const { upgrade } = exchange;
  const asked = (exchange.request.headers.upgrade ?? "").toLowerCase();
  if (upgrade === undefined || (asked !== "websocket" && asked !== "spdy/3.1"))
    throw badRequest("unable to upgrade: missing upgrade headers in request: this needs a websocket");
  return upgrade;
}
