import { createServer, type Server } from "node:http";
import type { ListenAddress } from "../config/field.ts";
import { listen } from "./listener.ts";

/** What a service says of itself. */
export interface StatusAnswer {
  /** What keeps it from being ready; absent: this listener knows nothing of readiness. */
  readonly notReady?: readonly string[];
  /** Text of /metrics; absent: not served here. */
  readonly metrics?: string;
}

/**
 * A small listener for probes and scrapers: /healthz and /livez (the process works), /readyz (it really serves), /metrics.
 * It reads no bodies and holds few connections.
 */
export async function startStatusServer(address: ListenAddress, answer: () => Promise<StatusAnswer>): Promise<Server> {
  const server = createServer(
    { requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 15_000, maxHeaderSize: 16 * 1024 },
    (request, response) => {
      const send = (code: number, text: string, type = "text/plain; charset=utf-8") => {
        response.writeHead(code, {
          "content-type": type,
          "content-length": Buffer.byteLength(text),
          "cache-control": "no-store",
        });
        response.end(request.method === "HEAD" ? undefined : text);
      };
      const path = (request.url ?? "").split("?")[0];
      if (request.method !== "GET" && request.method !== "HEAD") {
        send(405, "only GET is served here\n");
        return;
      }
      answer()
        .then((said) => {
          if (path === "/metrics" && said.metrics !== undefined)
            send(200, said.metrics, "text/plain; version=0.0.4; charset=utf-8");
          else if ((path === "/healthz" || path === "/livez") && said.notReady !== undefined) send(200, "ok");
          else if (path === "/readyz" && said.notReady !== undefined) {
            if (said.notReady.length === 0) send(200, "ok");
            else send(503, `${said.notReady.join("\n")}\n`);
          } else send(404, "nothing is served here\n");
        })
        .catch((error: unknown) => send(500, `${error instanceof Error ? error.message : String(error)}\n`));
    },
  );
  server.maxConnections = 64;
  await listen(server, address);
  return server;
}
