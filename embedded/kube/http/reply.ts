import type { ServerResponse } from "node:http";
import type { Status } from "@holdfast/apimachinery/meta/status-error";
import { stringify } from "yaml";

/** Sends a body that is already JSON text. */
export function replyJson(
  response: ServerResponse,
  code: number,
  json: string,
  format: "json" | "yaml" = "json",
): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const body =
    format === "yaml"
      ? stringify(JSON.parse(json), { version: "1.1", sortMapEntries: true, indentSeq: false, singleQuote: true })
      : json;
  const bytes = Buffer.from(body.endsWith("\n") ? body : `${body}\n`);
  response.writeHead(code, {
    "content-type": format === "yaml" ? "application/yaml" : "application/json",
    "content-length": bytes.length,
    "cache-control": "no-cache, private",
  });
  response.end(bytes);
}

export function replyText(response: ServerResponse, code: number, text: string): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  response.writeHead(code, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}

/** @param code - for a Status that carries none */
export function replyStatus(
  response: ServerResponse,
  status: Status,
  code = 500,
  format: "json" | "yaml" = "json",
): void {
  const retryAfter = status.details?.retryAfterSeconds;
  if (
    retryAfter !== undefined &&
    !response.headersSent &&
    (status.code === 429 || status.code === 503 || status.code === 504)
  ) {
    response.setHeader("retry-after", retryAfter);
  }
  replyJson(response, status.code ?? code, JSON.stringify(status), format);
}

/** The value of a Warning header, RFC 7234 section 5.5 with code 299. */
export function warningHeader(text: string): string {
  const clean = [...text].map((c) => ((c.codePointAt(0) as number) < 32 || c === "\u007f" ? " " : c)).join("");
  return `299 - "${Buffer.from(clean.replace(/(["\\])/g, "\\$1"), "utf8").toString("latin1")}"`;
}
