import type { IncomingMessage } from "node:http";
import { failure } from "@holdfast/apimachinery/meta/status-error";
import { readBody as readAtMost } from "@holdfast/runtime/net/read-body";

/** The original's limit on request bodies: 3 MiB. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/**
 * Reads a whole body, at most {@link MAX_BODY_BYTES}.
 *
 * @throws StatusError 413 as soon as more has come, 400 when the client leaves before the end
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const body = await readAtMost(request, MAX_BODY_BYTES).catch((cause: unknown) => {
    throw failure("BadRequest", "the client closed the connection before its body was complete", { cause });
  });
  if (body === undefined)
    throw failure("RequestEntityTooLarge", `Request entity too large: limit is ${MAX_BODY_BYTES}`);
  return body;
}
