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

export type UpgradeHandler = (request: IncomingMessage, response: ServerResponse, upgrade: Upgrade) => void;

/**
 * Serves requests with an Upgrade header by the handler of all others, so that they are authenticated and authorized in the
 * same way and refused with the same replies.
 */
export function onUpgrade(handler: UpgradeHandler): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    const response = new ServerResponse(request);
    const connection = socket as Socket;
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
