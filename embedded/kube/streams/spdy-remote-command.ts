// Remote commands over SPDY/3.1, for clients that speak no websocket: a stream each for the outcome, input, outputs and size.

import type { Duplex } from "node:stream";
import type { ProcessStreams } from "@holdfast/runtime/kube/pod-runner";
import { type RemoteCommand, sizeOf, type WantedStreams } from "./remote-command.ts";
import { type SpdyStream, serveSpdy } from "./spdy-connection.ts";

export const SPDY_COMMAND_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

const STREAMS_MS = 30_000;
const MAX_SIZE_BYTES = 1024;

/**
 * Waits until the client has opened every stream it asked for.
 *
 * @returns the command; undefined when the client left or opened them too slowly, and the connection is over
 */
export function spdyRemoteCommand(connection: Duplex, wanted: WantedStreams): Promise<RemoteCommand | undefined> {
  const names = [
    "error",
    ...(wanted.stdin ? ["stdin"] : []),
    ...(wanted.stdout ? ["stdout"] : []),
    ...(wanted.stderr && !wanted.tty ? ["stderr"] : []),
    ...(wanted.tty ? ["resize"] : []),
  ];
  const streams = new Map<string, SpdyStream>();
  return new Promise((resolve) => {
    const timer = setTimeout(() => connection.destroy(), STREAMS_MS);
    const over = () => {
      clearTimeout(timer);
      resolve(undefined);
    };
    serveSpdy(connection, (stream) => {
      const name = stream.headers.get("streamtype") ?? "";
      if (!names.includes(name) || streams.has(name)) {
        stream.destroy(new Error("a stream that was not asked for"));
        return;
      }
      streams.set(name, stream);
      if (streams.size < names.length) return;
      clearTimeout(timer);
      resolve(commandOf(connection, streams, wanted));
    }).then(over, over);
  });
}

function commandOf(connection: Duplex, streams: ReadonlyMap<string, SpdyStream>, wanted: WantedStreams): RemoteCommand {
  const error = streams.get("error") as SpdyStream;
  error.resume();
  const [stdin, stdout, stderr, resize] = ["stdin", "stdout", "stderr", "resize"].map((name) => streams.get(name));
  stdout?.resume();
  stderr?.resume();
  const processStreams: ProcessStreams = {
    tty: wanted.tty,
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    onResize(listener) {
      let text = "";
      // One JSON text behind the other.
      resize?.on("data", (chunk: Buffer) => {
        text = (text + chunk.toString("utf8")).slice(-MAX_SIZE_BYTES);
        const end = text.lastIndexOf("}");
        const size = end < 0 ? undefined : sizeOf(text.slice(text.lastIndexOf("{", end), end + 1));
        if (end >= 0) text = text.slice(end + 1);
        if (size !== undefined) listener(size);
      });
    },
  };
  return {
    streams: processStreams,
    async finish(status) {
      await Promise.all([stdout, stderr].map((stream) => ended(stream)));
      error.write(JSON.stringify(status));
      await ended(error);
      connection.end();
    },
  };
}

function ended(stream: SpdyStream | undefined): Promise<void> {
  if (stream === undefined || stream.destroyed || stream.writableFinished) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("close", () => resolve());
    stream.once("error", () => resolve());
    stream.end(() => resolve());
  });
}
