import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** A request that asks to go on in another protocol. */
export interface Upgrade {
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
  /** Takes the connection over: from now on no reply of HTTP can be sent. */
  take(): void;
}

const STREAMS = /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/(?:exec|attach|portforward)(?:\?|$)/;

/**
 * Whether a request is one that may go on in another protocol: what others ask for in their Upgrade header is read over, as RFC 9110
 * section 7.8 lets a server do, so that their bodies are read like any.
 */
export function mayUpgrade(request: Pick<IncomingMessage, "url">): boolean {
  return STREAMS.test(request.url ?? "");
}

/** A peer that is gone without a word is noticed after this time of silence. */
const KEEP_ALIVE_MS = 30_000;

export type UpgradeHandler = (request: IncomingMessage, response: ServerResponse, upgrade: Upgrade) => void;

/**
 * Serves requests with an Upgrade header by the handler of all others, so that they are authenticated and authorized in the
 * same way and refused with the same replies.
 */
export function onUpgrade(handler: UpgradeHandler): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    const response = new ServerResponse(request);
    const connection = socket as Socket;
    connection.setKeepAlive(true, KEEP_ALIVE_MS);
    response.shouldKeepAlive = false;
    response.assignSocket(connection);
    socket.on("error", () => socket.destroy());
    let taken = false;
    // A refused upgrade ends the connection: what follows on it would not be HTTP.
    response.on("finish", () => {
      if (!taken) connection.end();
    });
    handler(request, response, {
      socket,
      head,
      take() {
        taken = true;
        response.detachSocket(connection);
      },
    });
  };
}
