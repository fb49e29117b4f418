import { Duplex } from "node:stream";
import { constants, createDeflate, createInflate } from "node:zlib";
import { spdyDictionary } from "@holdfast/wire/spdy/dictionary";
import { spdyErrors } from "@holdfast/wire/spdy/errors";
import { encodeFrame, type SpdyFrame, SpdyReader } from "@holdfast/wire/spdy/frames";
import { decodeHeaders, encodeHeaders } from "@holdfast/wire/spdy/header-block";

const MAX_FRAME_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_STREAMS = 1024;
const REFUSED_STREAM = 3;
const CANCEL = 5;
const DICTIONARY = spdyDictionary();

/** One stream that the client opened. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly #send: (frame: SpdyFrame) => Promise<void>;
  #room: (() => void) | undefined;

  constructor(id: number, headers: ReadonlyMap<string, string>, send: (frame: SpdyFrame) => Promise<void>) {
    super({ allowHalfOpen: true, highWaterMark: 64 * 1024 });
    this.id = id;
    this.headers = headers;
    this.#send = send;
    // Whoever reads or writes it notices; a stream that nobody holds any more must take nothing down.
    this.on("error", () => undefined);
  }

  /** Takes what the client sent; resolves when there is room for more, or nobody wants it any more. */
  deliver(bytes: Uint8Array, fin: boolean): Promise<void> {
    if (this.destroyed) return Promise.resolve();
    const full = bytes.length > 0 && !this.push(Buffer.from(bytes));
    if (fin) this.push(null);
    if (!full || fin) return Promise.resolve();
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  override _read(): void {
    this.#room?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send({ kind: "data", stream: this.id, fin: false, bytes: chunk }).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#send({ kind: "data", stream: this.id, fin: true, bytes: new Uint8Array(0) }).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const open = !this.writableFinished || !this.readableEnded;
    this.#room?.();
    (error !== null && open ? this.#send({ kind: "reset", stream: this.id, status: CANCEL }) : Promise.resolve()).then(
      () => done(error),
      () => done(error),
    );
  }
}

/**
 * The server's end of SPDY/3.1 over a connection. SPDY's flow control is not spoken by Kubernetes clients: a stream that is not
 * read holds back the whole connection, so that nothing is kept without limit.
 *
 * @param onStream - told of each stream the client opens; its reply is sent already
 * @returns when the connection is over
 */
export async function serveSpdy(connection: Duplex, onStream: (stream: SpdyStream) => void): Promise<void> {
  const reader = new SpdyReader(MAX_FRAME_BYTES);
  const inflate = headerInflater();
  const deflate = headerDeflater();
  const streams = new Map<number, SpdyStream>();
  // After the last frame was read nobody else hears of it.
  connection.on("error", () => undefined);
  const send = (frame: SpdyFrame): Promise<void> =>
    new Promise((resolve, reject) => {
      if (connection.destroyed || connection.writableEnded) reject(new Error("the connection is closed"));
      else connection.write(encodeFrame(frame), (error) => (error == null ? resolve() : reject(error)));
    });
  const open = async (frame: Extract<SpdyFrame, { kind: "syn-stream" }>): Promise<void> => {
    const headers = decodeHeaders(await inflate.transform(frame.headerBlock));
    if (streams.size >= MAX_STREAMS || streams.has(frame.stream)) {
      await send({ kind: "reset", stream: frame.stream, status: REFUSED_STREAM });
      return;
    }
    const stream = new SpdyStream(frame.stream, headers, send);
    streams.set(frame.stream, stream);
    stream.on("close", () => streams.delete(frame.stream));
    await send({
      kind: "syn-reply",
      stream: frame.stream,
      fin: false,
      headerBlock: await deflate.transform(encodeHeaders(new Map())),
    });
    onStream(stream);
    if (frame.fin) stream.push(null);
  };
  try {
    for await (const chunk of connection) {
      for (const frame of reader.push(chunk as Buffer)) {
        if (frame.kind === "syn-stream") await open(frame);
        else if (frame.kind === "data") await streams.get(frame.stream)?.deliver(frame.bytes, frame.fin);
        else if (frame.kind === "reset") streams.get(frame.stream)?.destroy();
        else if (frame.kind === "ping") await send(frame);
        // Every header block counts for the compression, wanted or not.
        else if (frame.kind === "headers" || frame.kind === "syn-reply") await inflate.transform(frame.headerBlock);
      }
    }
  } finally {
    for (const stream of streams.values()) stream.destroy();
    connection.destroy();
    inflate.close();
    deflate.close();
  }
}

/** One direction of header compression: its blocks share one dictionary and one history. */
interface HeaderCoder {
  /** @throws SPDY_MALFORMED, SPDY_TOO_LARGE; nothing can be transformed after either */
  transform(block: Uint8Array): Promise<Buffer>;
  /** Gives the memory of zlib back. */
  close(): void;
}

function headerInflater(): HeaderCoder {
  return coderOf(
    createInflate({ dictionary: DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH, flush: constants.Z_SYNC_FLUSH }),
  );
}

function headerDeflater(): HeaderCoder {
  return coderOf(createDeflate({ dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH }));
}

function coderOf(stream: ReturnType<typeof createInflate> | ReturnType<typeof createDeflate>): HeaderCoder {
  let chunks: Buffer[] = [];
  let size = 0;
  let fail: (error: Error) => void = () => undefined;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_HEADER_BYTES)
      stream.destroy(spdyErrors.create("SPDY_TOO_LARGE", { bytes: size, limit: MAX_HEADER_BYTES }));
    else chunks.push(chunk);
  });
  stream.on("error", (error) => fail(error));
  return {
    transform: (block) =>
      new Promise((resolve, reject) => {
        fail = (cause) =>
          reject(
            spdyErrors.owns(cause)
              ? cause
              : spdyErrors.create("SPDY_MALFORMED", { why: "its headers cannot be decompressed" }, { cause }),
          );
        stream.write(block, (error) => {
          // A stream that was destroyed in the middle calls back as if all were well.
          const cause = error ?? stream.errored;
          if (cause !== null) {
            fail(cause);
            return;
          }
          const whole = Buffer.concat(chunks);
          chunks = [];
          size = 0;
          resolve(whole);
        });
      }),
    close: () => stream.destroy(),
  };
}
