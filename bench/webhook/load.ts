// Posts one review over N kept connections for a time and prints what it saw: a process of its own, so that it shares no event loop.
//
//   node load.ts '{"url","ca","body","connections","ms"}'
import { Agent, request } from "node:https";
import { percentile } from "../report.ts";

interface Order {
  readonly url: string;
  readonly ca: string;
  readonly body: string;
  readonly connections: number;
  readonly ms: number;
}

let text = "";
for await (const chunk of process.stdin) text += chunk;
const order = JSON.parse(text) as Order;
const agent = new Agent({
  keepAlive: true,
  maxSockets: order.connections,
  ca: order.ca,
  checkServerIdentity: () => undefined,
});
const samples: number[] = [];
let failures = 0;
const end = performance.now() + order.ms;

function once(): Promise<void> {
  return new Promise((resolve) => {
    const started = performance.now();
    const req = request(
      order.url,
      {
        method: "POST",
        agent,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(order.body) },
      },
      (response) => {
        let reply = "";
        response.on("data", (chunk: Buffer) => {
          reply += chunk;
        });
        response.on("end", () => {
          samples.push(performance.now() - started);
          if (response.statusCode !== 200 || !reply.includes('"allowed":true')) failures++;
          resolve();
        });
      },
    );
    req.on("error", () => {
      failures++;
      resolve();
    });
    req.end(order.body);
  });
}

const started = performance.now();
await Promise.all(
  Array.from({ length: order.connections }, async () => {
    while (performance.now() < end) await once();
  }),
);
const seconds = (performance.now() - started) / 1000;
samples.sort((a, b) => a - b);
process.stdout.write(
  JSON.stringify({
    perSecond: samples.length / seconds,
    p50: percentile(samples, 0.5),
    p99: percentile(samples, 0.99),
    failures,
  }),
);
agent.destroy();
