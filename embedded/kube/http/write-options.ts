import { fieldErrorBody } from "@holdfast/apimachinery/meta/field-error";
import { failure } from "@holdfast/apimachinery/meta/status-error";
import { validateFieldManager } from "@holdfast/apimachinery/schema/object-meta";
import type { Caller, WriteOptions } from "../operations/kube-context.ts";
import { optionsInvalid } from "../operations/options-invalid.ts";
import { PATCH_TYPES, type PatchType } from "../operations/patch.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { Exchange } from "./handler.ts";

const VALIDATIONS = ["Strict", "Warn", "Ignore"];

export function callerOf(exchange: Exchange): Caller {
  return { user: exchange.user, userAgent: exchange.userAgent, warn: (text) => exchange.warn(text) };
}

/** dryRun, fieldManager and fieldValidation of the query. @throws StatusError 422 */
export function writeOptions(exchange: Exchange, kind: string): WriteOptions {
  const { query } = exchange.info;
  const dryRun = dryRunOf(exchange, kind);
  const fieldManager = query.get("fieldManager") ?? "";
  const [problem] = validateFieldManager(fieldManager);
  if (problem !== undefined) {
    throw optionsInvalid(kind, { field: "fieldManager", reason: problem.type, message: fieldErrorBody(problem) });
  }
  const validation = query.get("fieldValidation") ?? "";
  if (validation !== "" && !VALIDATIONS.includes(validation)) {
    const message = `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`;
    throw optionsInvalid(kind, { field: "fieldValidation", reason: "FieldValueNotSupported", message });
  }
  return { dryRun, fieldManager, fieldValidation: validation === "" ? "Warn" : (validation as "Warn") };
}

/** Whether the request only asks what would happen. @throws StatusError 422 for another word than All */
export function dryRunOf(exchange: Exchange, kind: string): boolean {
  const values = exchange.info.query.getAll("dryRun").filter((v) => v !== "");
  if (values.length === 0) return false;
  if (values.some((v) => v !== "All")) {
    const shown = `[${values.map((v) => JSON.stringify(v)).join(",")}]`;
    const message = `Unsupported value: ${shown}: supported values: "All"`;
    throw optionsInvalid(kind, { field: "dryRun", reason: "FieldValueNotSupported", message });
  }
  return true;
}

/** Undefined without `force`; whatever is not false forces, as in the original. */
export function forceOf(exchange: Exchange): boolean | undefined {
  const value = exchange.info.query.get("force");
  return value === null || value === "" ? undefined : value !== "false" && value !== "0";
}

/** The kind of patch by Content-Type. @throws StatusError 415 */
export function patchTypeOf(exchange: Exchange, type: ResourceType): PatchType {
  const sent = (exchange.request.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
  const accepted = PATCH_TYPES.filter((t) => t !== STRATEGIC || type.definition === undefined);
  if ((accepted as readonly string[]).includes(sent)) return sent as PatchType;
  if (type.definition === undefined) {
    throw failure("UnsupportedMediaType", "415: Unsupported Media Type", { status: {} });
  }
  const list = accepted.join(", ");
  throw failure(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${list}`,
  );
}

const STRATEGIC = "application/strategic-merge-patch+json";
