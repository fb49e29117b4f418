import assert from "node:assert/strict";
import { Duplex, PassThrough } from "node:stream";
import { test } from "node:test";
import { constants, deflateSync } from "node:zlib";
import { spdyDictionary } from "@holdfast/wire/spdy/dictionary";
import { encodeFrame, type SpdyFrame } from "@holdfast/wire/spdy/frames";
import { encodeHeaders } from "@holdfast/wire/spdy/header-block";
import { type SpdyStream, serveSpdy } from "./spdy-connection.ts";

/** A server, and the bytes a client sends it. */
function connect() {
  const toServer = new PassThrough();
  const connection = Duplex.from({ readable: toServer, writable: new PassThrough().resume() } as never) as Duplex;
  const streams: SpdyStream[] = [];
  let opened: (() => void) | undefined;
  const over = serveSpdy(connection, (stream) => {
    streams.push(stream);
    opened?.();
  });
  const send = (frame: SpdyFrame) => toServer.write(encodeFrame(frame));
  const count = async (wanted: number) => {
    while (streams.length < wanted) await new Promise<void>((resolve) => (opened = resolve));
  };
  return { send, streams, count, over, toServer };
}

/** The first header block of a connection. */
function block(headers: Uint8Array): Uint8Array {
  return deflateSync(headers, { dictionary: spdyDictionary(), finishFlush: constants.Z_SYNC_FLUSH });
}

const EMPTY = new Uint8Array([0, 0, 0, 0]);

test("header blocks that cannot be decompressed, or to too much, end the connection with an error of the table", async () => {
  const bomb = encodeHeaders(new Map([["a", "x".repeat(10_000_000)]]));
  for (const headerBlock of [new Uint8Array([1, 2, 3, 4, 5]), block(bomb)]) {
    const { send, over } = connect();
    send({ kind: "syn-stream", stream: 1, fin: false, headerBlock });
    await assert.rejects(over, (error) => {
      assert.match((error as { code: string }).code, /^SPDY_(MALFORMED|TOO_LARGE)$/);
      return true;
    });
  }
});

test("a stream that nobody reads holds the connection back, also while another one is read", async () => {
  const { send, streams, count, over, toServer } = connect();
  send({ kind: "syn-stream", stream: 1, fin: false, headerBlock: block(EMPTY) });
  await count(1);
  // A second header block goes on with the history of the first: stored bytes need none of it.
  const stored = new Uint8Array([0, 4, 0, 0xfb, 0xff, ...EMPTY, 0, 0, 0, 0xff, 0xff]);
  send({ kind: "syn-stream", stream: 3, fin: false, headerBlock: stored });
  await count(2);
  const [slow, fast] = streams as [SpdyStream, SpdyStream];
  let read = 0;
  fast.on("data", (chunk: Buffer) => {
    read += chunk.length;
  });
  const bytes = new Uint8Array(64 * 1024);
  for (let i = 0; i < 100; i++) {
    send({ kind: "data", stream: 1, fin: false, bytes });
    send({ kind: "data", stream: 3, fin: false, bytes: new Uint8Array([1]) });
  }
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(slow.readableLength <= 2 * bytes.length, `${slow.readableLength} bytes wait`);
  assert.ok(read < 3, `${read} bytes of the other stream were passed on`);
  slow.resume();
  while (read < 100) await new Promise((resolve) => setImmediate(resolve));
  toServer.end();
  await over;
});
