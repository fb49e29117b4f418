import type { IncomingMessage } from "node:http";

/** `host:port` the client has reached, from the socket: a Host header is the client's word only. */
export function ownAddress({ socket }: IncomingMessage): string {
  const address = (socket.localAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
  return `${address.includes(":") ? `[${address}]` : address}:${socket.localPort ?? 443}`;
}
