import type { IncomingMessage } from "node:http";
import { failure } from "@holdfast/apimachinery/meta/status-error";

/** The original's limit on request bodies: 3 MiB. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/**
 * Reads a whole body, at most `limit` bytes.
 *
 * @throws StatusError 413 as soon as more has come; the rest is discarded unread
 */
export function readBody(request: IncomingMessage, limit = MAX_BODY_BYTES): Promise<Buffer> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limit) return Promise.reject(tooLarge(limit));
  if (declared === 0 && request.headers["transfer-encoding"] === undefined) return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners("data");
        request.pause();
        reject(tooLarge(limit));
        return;
      }
      chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("aborted", () =>
      reject(failure("BadRequest", "the client closed the connection before its body was complete")),
    );
  });
}

function tooLarge(limit: number): Error {
  return failure("RequestEntityTooLarge", `Request entity too large: limit is ${limit}`);
}
