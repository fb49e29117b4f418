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
  readonly #wanted: () => void;

  constructor(
    id: number,
    headers: ReadonlyMap<string, string>,
    link: { readonly send: (frame: SpdyFrame) => Promise<void>; readonly wanted: () => void },
  ) {
    super({ allowHalfOpen: true, highWaterMark: 64 * 1024 });
    this.id = id;
    this.headers = headers;
    this.#send = link.send;
    this.#wanted = link.wanted;
  }

  override _read(): void {
    this.#wanted();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send({ kind: "data", stream: this.id, fin: false, bytes: chunk }).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#send({ kind: "data", stream: this.id, fin: true, bytes: new Uint8Array(0) }).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const open = !this.writableFinished || !this.readableEnded;
    this.#wanted();
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
  let room: (() => void) | undefined;
  const send = (frame: SpdyFrame): Promise<void> =>
    new Promise((resolve, reject) => {
      if (connection.destroyed || connection.writableEnded) reject(new Error("the connection is closed"));
      else connection.write(encodeFrame(frame), (error) => (error == null ? resolve() : reject(error)));
    });
  const deliver = async (stream: SpdyStream | undefined, bytes: Uint8Array, fin: boolean): Promise<void> => {
    if (stream === undefined || stream.destroyed) return;
    if (bytes.length > 0 && !stream.push(Buffer.from(bytes))) {
      await new Promise<void>((resolve) => {
        room = resolve;
        if (stream.destroyed) resolve();
      });
      room = undefined;
    }
    if (fin) stream.push(null);
  };
  const open = async (frame: Extract<SpdyFrame, { kind: "syn-stream" }>): Promise<void> => {
    const headers = decodeHeaders(await inflate(frame.headerBlock));
    if (streams.size >= MAX_STREAMS || streams.has(frame.stream)) {
      await send({ kind: "reset", stream: frame.stream, status: REFUSED_STREAM });
      return;
    }
    const stream = new SpdyStream(frame.stream, headers, { send, wanted: () => room?.() });
    streams.set(frame.stream, stream);
    stream.on("error", () => undefined);
    stream.on("close", () => streams.delete(frame.stream));
    await send({
      kind: "syn-reply",
      stream: frame.stream,
      fin: false,
      headerBlock: await deflate(encodeHeaders(new Map())),
    });
    onStream(stream);
    if (frame.fin) stream.push(null);
  };
  try {
    for await (const chunk of connection) {
      for (const frame of reader.push(chunk as Buffer)) {
        if (frame.kind === "syn-stream") await open(frame);
        else if (frame.kind === "data") await deliver(streams.get(frame.stream), frame.bytes, frame.fin);
        else if (frame.kind === "reset") streams.get(frame.stream)?.destroy();
        else if (frame.kind === "ping") await send(frame);
        // Every header block counts for the compression, wanted or not.
        else if (frame.kind === "headers" || frame.kind === "syn-reply") await inflate(frame.headerBlock);
      }
    }
  } finally {
    for (const stream of streams.values()) stream.destroy();
    connection.destroy();
  }
}

type Transform = (block: Uint8Array) => Promise<Buffer>;

/** Decompresses one header block after the other; they share one dictionary and one history. */
function headerInflater(): Transform {
  return collecting(
    createInflate({ dictionary: DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH, flush: constants.Z_SYNC_FLUSH }),
  );
}

function headerDeflater(): Transform {
  return collecting(createDeflate({ dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH }));
}

function collecting(stream: ReturnType<typeof createInflate> | ReturnType<typeof createDeflate>): Transform {
  let chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_HEADER_BYTES)
      stream.destroy(spdyErrors.create("SPDY_TOO_LARGE", { bytes: size, limit: MAX_HEADER_BYTES }));
    else chunks.push(chunk);
  });
  return (block) =>
    new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(spdyErrors.create("SPDY_MALFORMED", { why: "its headers cannot be decompressed" }, { cause }));
      stream.once("error", fail);
      stream.write(block, () => {
        stream.off("error", fail);
        const whole = Buffer.concat(chunks);
        chunks = [];
        size = 0;
        resolve(whole);
      });
    });
}
