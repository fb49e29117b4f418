import { HoldfastError } from "@holdfast/base/errors/holdfast-error";

const SECRET_NAMES =
  /^(?:.*[-_])?(?:token|password|passwd|secret|authorization|cookie|credential|credentials|jwt|privatekey|private_key|unsealkey|unseal_key|apikey|api_key)$/i;
/** Bearer tokens and JWTs inside of texts. */
const SECRET_TEXTS = /\b(?:Bearer\s+[\w.~+/=-]{8,}|eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*|(?:hvs|hvb|s)\.[A-Za-z0-9]{20,})/g;
const PRIVATE_KEYS = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const MAX_DEPTH = 6;
const MAX_TEXT = 4096;

/** A copy of a log value without secrets, errors spelled out, bounded in depth and length. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object")
    return typeof value === "function" || typeof value === "symbol" ? String(value) : value;
  if (value instanceof Error) return errorFields(value, depth);
  if (depth >= MAX_DEPTH) return "[deeper]";
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    out[name] = SECRET_NAMES.test(name) && item !== undefined && item !== null ? "[redacted]" : redact(item, depth + 1);
  }
  return out;
}

export function redactText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  return short.replace(PRIVATE_KEYS, "[redacted private key]").replace(SECRET_TEXTS, "[redacted]");
}

function errorFields(error: Error, depth: number): unknown {
  return {
    message: redactText(error.message),
    ...(error instanceof HoldfastError ? { code: error.code } : {}),
    ...((error as NodeJS.ErrnoException).code !== undefined && !(error instanceof HoldfastError)
      ? { code: (error as NodeJS.ErrnoException).code }
      : {}),
    ...(error.stack === undefined || error instanceof HoldfastError ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined || depth >= MAX_DEPTH ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}
