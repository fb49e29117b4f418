// v4 and v5.channel.k8s.io: the streams of a process in the messages of one websocket. The first byte of a message says which.

import { PassThrough, Writable } from "node:stream";
import type { ProcessStreams } from "@holdfast/runtime/kube/pod-runner";
import type { RawData, WebSocket } from "ws";

/** Subprotocols served, the best first. */
export const REMOTE_COMMAND_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
/** Bytes of one message: a slow client is waited for after each. */
const CHUNK_BYTES = 32 * 1024;

/** Which streams a client asked for. */
export interface WantedStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface RemoteCommand {
  readonly streams: ProcessStreams;
  /** Sends the outcome and closes. */
  finish(status: unknown): Promise<void>;
}

/** Turns the socket into the streams of a process. A message for a stream that was not asked for is read over. */
export function remoteCommand(socket: WebSocket, wanted: WantedStreams): RemoteCommand {
  const stdin = wanted.stdin ? new PassThrough() : undefined;
  let resized: ((size: { columns: number; rows: number }) => void) | undefined;
  let lastSize: { columns: number; rows: number } | undefined;
  socket.on("message", (data: RawData) => {
    const bytes = bytesOf(data);
    const payload = bytes.subarray(1);
    switch (bytes[0]) {
      case CHANNEL.stdin:
        // Not read fast enough: the client is asked to wait by not being read either.
        if (stdin !== undefined && !stdin.writableEnded && !stdin.write(payload)) {
          socket.pause();
          stdin.once("drain", () => socket.resume());
        }
        return;
      case CHANNEL.resize: {
        const size = sizeOf(payload.toString("utf8"));
        if (size === undefined) return;
        lastSize = size;
        resized?.(size);
        return;
      }
      case CHANNEL.close:
        if (payload[0] === CHANNEL.stdin) stdin?.end();
        return;
    }
  });
  socket.on("close", () => stdin?.end());
  const output = (channel: number) => {
    const stream = new Writable({
      highWaterMark: CHUNK_BYTES,
      write(chunk: Buffer, _encoding, done) {
        sendAll(socket, channel, chunk).then(() => done(), done);
      },
    });
    // A client that leaves in the middle of the output is no failure of anybody here.
    stream.on("error", () => undefined);
    return stream;
  };
  const stdout = wanted.stdout ? output(CHANNEL.stdout) : undefined;
  const stderr = wanted.stderr && !wanted.tty ? output(CHANNEL.stderr) : undefined;
  // An empty message tells the client that the connection stands.
  const lowest = stdout !== undefined ? CHANNEL.stdout : stderr !== undefined ? CHANNEL.stderr : CHANNEL.error;
  socket.send(Buffer.from([lowest]), { binary: true });
  return {
    streams: {
      tty: wanted.tty,
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      onResize(listener) {
        resized = listener;
        if (lastSize !== undefined) listener(lastSize);
      },
    },
    async finish(status) {
      await Promise.all([flushed(stdout), flushed(stderr)]);
      if (socket.readyState !== socket.OPEN) return;
      await sendAll(socket, CHANNEL.error, Buffer.from(JSON.stringify(status))).catch(() => undefined);
      socket.close(1000);
    },
  };
}

async function sendAll(socket: WebSocket, channel: number, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
    const piece = chunk.subarray(at, at + CHUNK_BYTES);
    const message = Buffer.allocUnsafe(piece.length + 1);
    message[0] = channel;
    piece.copy(message, 1);
    await new Promise<void>((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) reject(new Error("the client has left"));
      else socket.send(message, { binary: true }, (error) => (error == null ? resolve() : reject(error)));
    });
  }
}

/** Everything that was written has gone out, or cannot any more. */
function flushed(stream: Writable | undefined): Promise<void> {
  if (stream === undefined || stream.destroyed || stream.writableFinished) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("close", resolve);
    stream.once("error", () => resolve());
    stream.end();
  });
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** remotecommand.TerminalSize; undefined for what is none. */
export function sizeOf(text: string): { columns: number; rows: number } | undefined {
  try {
    const { Width, Height } = JSON.parse(text) as { Width?: unknown; Height?: unknown };
    const fits = (n: unknown): n is number => typeof n === "number" && Number.isInteger(n) && n > 0 && n < 65_536;
    return fits(Width) && fits(Height) ? { columns: Width, rows: Height } : undefined;
  } catch {
    return undefined;
  }
}
