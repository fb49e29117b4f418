import assert from "node:assert/strict";
import { createServer, type IncomingMessage, request } from "node:http";
import { type TestContext, test } from "node:test";
import { listen } from "./listener.ts";
import { readBody } from "./read-body.ts";

/** What a server makes of one request: the outcome of reading its body. */
async function receive(t: TestContext, read: (request: IncomingMessage) => Promise<Buffer | undefined>) {
  const outcome = Promise.withResolvers<Buffer | undefined>();
  const server = createServer((incoming, response) => {
    read(incoming)
      .then(outcome.resolve, outcome.reject)
      .finally(() => response.writeHead(200, { connection: "close" }).end());
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0 });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const open = (headers: Record<string, string | number> = {}) =>
    request({ port, host: "127.0.0.1", method: "POST", agent: false, headers }).on("error", () => undefined);
  return { open, outcome: outcome.promise };
}

test("a body is read whole, in as many pieces as it comes", async (t) => {
  const { open, outcome } = await receive(t, (incoming) => readBody(incoming, 10));
  const sent = open();
  sent.write("hello");
  sent.end("world");
  assert.equal(String(await outcome), "helloworld");
});

test("a byte over the limit ends the reading, whether it was announced or not", async (t) => {
  for (const headers of [{}, { "content-length": 11 }]) {
    const { open, outcome } = await receive(t, (incoming) => readBody(incoming, 10));
    open(headers).end("hello world");
    assert.equal(await outcome, undefined);
  }
});

test("a request without a body has an empty one", async (t) => {
  const { open, outcome } = await receive(t, (incoming) => readBody(incoming, 10));
  open({ "content-length": 0 }).end();
  assert.equal((await outcome)?.length, 0);
});

test("a client that leaves in the middle is an error, not a wait for ever", async (t) => {
  let sent: ReturnType<typeof request> | undefined;
  const { open, outcome } = await receive(t, (incoming) => readBody(incoming, 10, () => sent?.destroy() !== undefined));
  sent = open({ "content-length": 10 });
  sent.write("half");
  await assert.rejects(outcome, { code: "ECONNRESET" });
});
