// portforward.k8s.io: for each connection the client opens two streams, one for errors and one for data.

import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { ContainerRef, PodRunner } from "@holdfast/runtime/kube/pod-runner";
import { type SpdyStream, serveSpdy } from "./spdy-connection.ts";

/** The protocol over SPDY; behind `SPDY/3.1+` it is the subprotocol of a websocket that carries SPDY. */
export const PORT_FORWARD_PROTOCOL = "portforward.k8s.io";
export const TUNNEL_PROTOCOL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;

/** A pair that is not complete in this time is given up. */
const PAIR_MS = 30_000;

interface Pair {
  readonly error?: SpdyStream;
  readonly data?: SpdyStream;
  readonly timer: NodeJS.Timeout;
}

/** Serves the forwards of one client until it leaves. */
export async function servePortForward(
  connection: Duplex,
  pod: Omit<ContainerRef, "container">,
  runner: PodRunner,
  signal: AbortSignal,
): Promise<void> {
  const pairs = new Map<string, Pair>();
  const cut = () => connection.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    await serveSpdy(connection, (stream) => {
      const type = stream.headers.get("streamtype");
      const port = Number(stream.headers.get("port"));
      if ((type !== "error" && type !== "data") || !Number.isInteger(port) || port < 1 || port > 65_535) {
        stream.destroy(new Error("no stream of a port-forward"));
        return;
      }
      const key = `${stream.headers.get("requestid") ?? ""}/${port}`;
      const found = pairs.get(key);
      if (found === undefined) {
        const timer = setTimeout(() => {
          pairs.delete(key);
          stream.destroy(new Error("its other stream never came"));
        }, PAIR_MS);
        pairs.set(key, { [type]: stream, timer });
        return;
      }
      clearTimeout(found.timer);
      pairs.delete(key);
      const both = { ...found, [type]: stream };
      if (both.error === undefined || both.data === undefined)
        stream.destroy(new Error("a stream of a pair came twice"));
      else void forward(both.error, both.data, port);
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", cut);
    for (const { timer } of pairs.values()) clearTimeout(timer);
  }

  async function forward(error: SpdyStream, data: SpdyStream, port: number): Promise<void> {
    error.resume();
    const over = new AbortController();
    data.on("close", () => over.abort());
    try {
      const target = await runner.dial(pod, port, over.signal);
      await Promise.all([pipeline(data, target), pipeline(target, data)]);
      error.end();
    } catch (cause) {
      const why =
        cause instanceof StatusError ? (cause.status.message ?? "") : String((cause as Error).message ?? cause);
      error.end(`error forwarding port ${port} to pod ${pod.uid}, uid : ${why}`);
      data.destroy();
    }
  }
}
