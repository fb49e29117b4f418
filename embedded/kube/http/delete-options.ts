import { badRequest, type StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { Json } from "@holdfast/apimachinery/meta/types";
import type { DeleteOptions } from "../operations/delete.ts";
import { optionsInvalid } from "../operations/options-invalid.ts";
import { decodeDeleteOptions } from "./decode-body.ts";
import type { Exchange } from "./handler.ts";
import { readBody } from "./request-body.ts";
import { isTrue } from "./request-info.ts";

const POLICIES = ["Foreground", "Background", "Orphan"];

/** DeleteOptions of the body or, without one, of the query. @throws StatusError 400, 415, 422 */
export async function readDeleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await readBody(exchange.request);
  const value = decodeDeleteOptions(body, exchange.request.headers["content-type"]);
  return parseDeleteOptions(value ?? optionsOfQuery(exchange.info.query));
}

function optionsOfQuery(query: URLSearchParams): Json {
  const grace = query.get("gracePeriodSeconds") ?? "";
  if (grace !== "" && !/^-?\d{1,18}$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  const orphan = query.get("orphanDependents");
  return {
    ...(grace === "" ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(query.has("propagationPolicy") ? { propagationPolicy: query.get("propagationPolicy") } : {}),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
    dryRun: query.getAll("dryRun").filter((word) => word !== ""),
  };
}

/** Judges DeleteOptions of any shape. @throws StatusError 400 for values of a wrong type, 422 for values that are not allowed */
export function parseDeleteOptions(value: Json): DeleteOptions {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw badRequest("DeleteOptions must be an object");
  const { gracePeriodSeconds: grace, propagationPolicy: policy, orphanDependents: orphan, preconditions } = value;
  const { dryRun } = value;
  const words = Array.isArray(dryRun) ? dryRun : [];
  if (grace !== undefined && grace !== null && !Number.isSafeInteger(grace))
    throw wrongType(grace, "gracePeriodSeconds", "int64");
  if (orphan !== undefined && orphan !== null && typeof orphan !== "boolean")
    throw wrongType(orphan, "orphanDependents", "bool");
  const named = policy !== undefined && policy !== null && policy !== "";
  if (named && orphan !== undefined && orphan !== null) {
    throw optionInvalid(
      "propagationPolicy",
      `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    );
  }
  if (named && !POLICIES.includes(String(policy))) {
    const supported = [...POLICIES, "nil"].map((word) => JSON.stringify(word)).join(", ");
    throw optionInvalid(
      "propagationPolicy",
      `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`,
    );
  }
  if (words.some((word) => word !== "All")) {
    throw optionInvalid("dryRun", `Unsupported value: ${JSON.stringify(words)}: supported values: "All"`);
  }
  return {
    ...(typeof grace === "number" && grace >= 0 ? { gracePeriodSeconds: grace } : {}),
    ...(named ? { propagationPolicy: policy as "Orphan" } : {}),
    ...(typeof orphan === "boolean" ? { orphanDependents: orphan } : {}),
    ...preconditionsOf(preconditions),
    dryRun: words.length > 0,
  };
}

function preconditionsOf(value: Json | undefined): Pick<DeleteOptions, "preconditions"> {
  if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value)) return {};
  const { uid, resourceVersion } = value;
  return {
    preconditions: {
      ...(typeof uid === "string" ? { uid } : {}),
      ...(typeof resourceVersion === "string" ? { resourceVersion } : {}),
    },
  };
}

function wrongType(value: Json, field: string, go: string): StatusError {
  const got = Array.isArray(value) ? "array" : typeof value;
  return badRequest(`json: cannot unmarshal ${got} into Go struct field DeleteOptions.${field} of type ${go}`);
}

function optionInvalid(field: string, message: string): StatusError {
  const reason = message.startsWith("Unsupported") ? "FieldValueNotSupported" : "FieldValueInvalid";
  return optionsInvalid("DeleteOptions", { field, reason, message });
}
