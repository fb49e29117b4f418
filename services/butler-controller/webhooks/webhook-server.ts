import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import type { ListenAddress } from "@holdfast/runtime/config/field";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { Metrics } from "@holdfast/runtime/metrics/metrics";
import { drainable, listen } from "@holdfast/runtime/net/listener";
import { readBody } from "@holdfast/runtime/net/read-body";
import type { KeyPair } from "@holdfast/runtime/tls/certificate-authority";
import { controllerErrors } from "../errors.ts";
import type { BUTLER_CONTROLLER_METRICS } from "../metrics.ts";
import type { Judge } from "./judges.ts";
import { parseReview, printReview, type ReviewAnswer } from "./review.ts";

/** Two objects of 3 MiB and what stands around them. */
const MAX_REVIEW_BYTES = 8 * 1024 * 1024;
const MAX_CONNECTIONS = 1024;
/** Bytes of all reviews that are being read and judged: anybody may connect here, and must not be able to fill the memory. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
/** Path that answers 200 when this server serves: the readiness check asks it over TLS. */
export const PING_PATH = "/ping";

export interface WebhookServerParts {
  readonly judges: readonly Judge[];
  readonly metrics: Metrics<typeof BUTLER_CONTROLLER_METRICS>;
  readonly log: Logger;
}

/** The TLS server of the webhooks. Its certificate can be replaced while it serves; open connections keep theirs. */
export class WebhookServer {
  readonly #server: Server;
  readonly #drain: (drainMs: number) => Promise<void>;

  constructor(parts: WebhookServerParts, pair: KeyPair) {
    const byPath = new Map(parts.judges.map((judge) => [judge.path, judge]));
    const budget = new ByteBudget(MAX_BUFFERED_BYTES);
    this.#server = createServer(
      {
        ...pair,
        minVersion: "TLSv1.2",
        requestTimeout: 30_000,
        headersTimeout: 10_000,
        keepAliveTimeout: 120_000,
        handshakeTimeout: 10_000,
      },
      (request, response) => {
        serve({ ...parts, byPath, budget }, request, response).catch((error: unknown) => {
          parts.log.error("review failed", { error });
          if (!response.headersSent) response.writeHead(500);
          response.end();
        });
      },
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#drain = drainable(this.#server);
    this.#server.on("tlsClientError", (error, socket) => {
      parts.log.debug("webhook handshake failed", { error });
      socket.destroy();
    });
  }

  /** @throws when the pair does not fit together; the former one goes on being served */
  replaceCertificate(pair: KeyPair): void {
    this.#server.setSecureContext({ ...pair, minVersion: "TLSv1.2" });
  }

  /** @returns the port that is listened on */
  listen(address: ListenAddress): Promise<number> {
    return listen(this.#server, address);
  }

  /** Answers what is under way, at most `drainMs`, then closes. */
  close(drainMs = 5000): Promise<void> {
    return this.#drain(drainMs);
  }
}

/** How much may be held at once. */
class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** False takes nothing. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

interface Serving extends WebhookServerParts {
  readonly byPath: ReadonlyMap<string, Judge>;
  readonly budget: ByteBudget;
}

async function serve(parts: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "").split("?")[0] ?? "";
  if (path === PING_PATH) {
    send(response, 200, "ok");
    return;
  }
  const judge = parts.byPath.get(path);
  if (judge === undefined) {
    send(response, 404, "no webhook is served here\n");
    return;
  }
  if (request.method !== "POST") {
    send(response, 405, "reviews are posted\n");
    return;
  }
  const { budget } = parts;
  let held = 0;
  let full = false;
  try {
    const body = await readBody(request, MAX_REVIEW_BYTES, (bytes) => {
      full = !budget.take(bytes);
      if (!full) held += bytes;
      return !full;
    });
    if (body === undefined) {
      response.setHeader("connection", "close");
      if (full) send(response, 503, "too many reviews are being judged; try again\n");
      else send(response, 413, `reviews are limited to ${MAX_REVIEW_BYTES} bytes\n`);
      return;
    }
    const started = performance.now();
    const { uid, answer, outcome } = await judged(parts, judge, body.toString("utf8"));
    parts.metrics.add("butler_webhook_requests_total", { webhook: judge.webhook, outcome });
    parts.metrics.observe("butler_webhook_seconds", (performance.now() - started) / 1000, { webhook: judge.webhook });
    send(response, 200, printReview(uid, answer), "application/json");
  } finally {
    budget.give(held);
  }
}

interface Judged {
  readonly uid: string;
  readonly answer: ReviewAnswer;
  readonly outcome: "allowed" | "denied" | "error";
}

/** Every failure is a refusal: what cannot be judged does not pass. */
async function judged(parts: WebhookServerParts, judge: Judge, text: string): Promise<Judged> {
  let uid = "";
  try {
    const review = parseReview(text, judge.kind);
    uid = review.uid;
    const answer = await judge.judge(review);
    return { uid, answer, outcome: answer.allowed ? "allowed" : "denied" };
  } catch (error) {
    const unreadable = controllerErrors.owns(error) && error.code === "BUTLER_REVIEW_UNREADABLE";
    if (!unreadable) parts.log.error("review could not be judged", { webhook: judge.webhook, error });
    const message = error instanceof HoldfastError ? error.message : "the webhook failed; its log says why";
    return { uid, answer: { allowed: false, code: unreadable ? 400 : judge.errorCode, message }, outcome: "error" };
  }
}

function send(response: ServerResponse, code: number, body: string, type = "text/plain"): void {
  response.writeHead(code, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
