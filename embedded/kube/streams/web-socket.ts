import { badRequest } from "@holdfast/apimachinery/meta/status-error";
import { type WebSocket, WebSocketServer } from "ws";
import type { Exchange } from "../http/handler.ts";
import type { Upgrade } from "../http/upgrade.ts";

const MAX_MESSAGE_BYTES = 1024 * 1024;
/** A peer that answers no ping within this time is gone, whatever its connection says. */
const PING_MS = 30_000;

/** Whether the client asks for a websocket, and for which subprotocols. */
export function webSocketProtocols(exchange: Exchange): string[] | undefined {
  const { headers } = exchange.request;
  if ((headers.upgrade ?? "").toLowerCase() !== "websocket") return undefined;
  return (headers["sec-websocket-protocol"] ?? "")
    .split(",")
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== "");
}

/**
 * Opens the websocket with the first subprotocol of `served` that the client offers, and watches that it is alive.
 *
 * @throws StatusError 400 when the client offers none of them
 */
export function openWebSocket(
  exchange: Exchange,
  upgrade: Upgrade,
  served: readonly string[],
): Promise<{ readonly socket: WebSocket; readonly protocol: string }> {
  const offered = webSocketProtocols(exchange) ?? [];
  const protocol = served.find((name) => offered.includes(name));
  if (protocol === undefined) {
    throw badRequest(
      `none of the offered subprotocols [${offered.join(" ").slice(0, 200)}] is served; served are [${served.join(" ")}]`,
    );
  }
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => protocol,
  });
  upgrade.take();
  return new Promise((resolve, reject) => {
    upgrade.socket.once("close", () => reject(badRequest("the client left during the handshake")));
    server.handleUpgrade(exchange.request, upgrade.socket, upgrade.head, (socket) => {
      keepAlive(socket);
      resolve({ socket, protocol });
    });
  });
}

function keepAlive(socket: WebSocket): void {
  let alive = true;
  socket.on("pong", () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) {
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
  }, PING_MS);
  socket.on("close", () => clearInterval(timer));
  socket.on("error", () => socket.terminate());
}
