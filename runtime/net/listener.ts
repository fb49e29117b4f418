import type { Server, Socket } from "node:net";
import type { ListenAddress } from "../config/field.ts";

/**
 * Listens; the host "" is every address of the machine.
 *
 * @returns the port that is listened on
 * @throws the system's error: EADDRINUSE, EACCES, EADDRNOTAVAIL
 */
export function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const listening = () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    };
    if (host === "") server.listen(port, listening);
    else server.listen(port, host, listening);
  });
}

/** A server of HTTP: it knows which connections are between two requests. */
interface HttpServer extends Server {
  closeIdleConnections(): void;
}

/**
 * Follows the connections of an HTTP server; call it before the server listens.
 *
 * @returns a function that takes no more connections, lets what is under way finish for `drainMs` and then cuts it off
 */
export function drainable(server: HttpServer): (drainMs: number) => Promise<void> {
  const sockets = new Set<Socket>();
  const follow = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  // The first also while the handshake lasts.
  server.on("connection", follow);
  server.on("secureConnection", follow);
  return (drainMs) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, drainMs);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      server.closeIdleConnections();
    });
}
