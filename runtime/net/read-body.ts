import type { IncomingMessage } from "node:http";

/**
 * Reads a whole body.
 *
 * @param onChunk - told of the bytes of each piece before it is kept; false stops the reading
 * @returns undefined as soon as more than `limit` bytes have come, or `onChunk` said no; the rest stays unread, so the connection must be closed
 * @throws the connection's error, also when the client leaves before the end
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  onChunk: (bytes: number) => boolean = () => true,
): Promise<Buffer | undefined> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limit) return Promise.resolve(undefined);
  if (declared === 0 && request.headers["transfer-encoding"] === undefined) return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit || !onChunk(chunk.length)) {
        request.removeAllListeners("data");
        request.pause();
        resolve(undefined);
        return;
      }
      chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    // Also for a client that leaves early: ECONNRESET.
    request.on("error", reject);
  });
}
