import type { IncomingMessage, ServerResponse } from "node:http";
import { failure, StatusError } from "@holdfast/apimachinery/meta/status-error";
import { groupQualified } from "@holdfast/apimachinery/meta/types";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { Authenticator } from "../auth/authenticate.ts";
import { impersonate, impersonationProblem } from "../auth/impersonate.ts";
import type { Attributes, UserInfo } from "../auth/user.ts";
import type { KubeContext } from "../operations/kube-context.ts";
import { negotiate } from "./media-type.ts";
import { replyStatus, replyText, warningHeader } from "./reply.ts";
import { parseRequest, type RequestInfo } from "./request-info.ts";
import type { Upgrade } from "./upgrade.ts";

/** One request that is authenticated and authorized. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly userAgent: string;
  /** There for a request that asks to go on in another protocol. */
  readonly upgrade?: Upgrade;
  warn(text: string): void;
}

/** Serves what its name says; false when the path is none of its own. */
export type Route = (exchange: Exchange) => Promise<boolean> | boolean;

export interface HandlerParts {
  readonly kube: KubeContext;
  readonly authenticator: Authenticator;
  readonly log: Logger;
  /** Tried in order. */
  readonly routes: readonly Route[];
}

/** Total bytes of the Warning headers of one reply. */
const MAX_WARNING_BYTES = 4096;

/** The way of every request: parse, authenticate, impersonate, authorize, route; every error becomes a Status. */
export function createHandler(
  parts: HandlerParts,
): (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade) => void {
  return (request, response, upgrade) => {
    serve(parts, request, response, upgrade).catch((error: unknown) => replyError(parts.log, request, response, error));
  };
}

async function serve(
  parts: HandlerParts,
  request: IncomingMessage,
  response: ServerResponse,
  upgrade: Upgrade | undefined,
): Promise<void> {
  const info = parseRequest(request.method ?? "GET", request.url ?? "/");
  if (info === undefined) {
    replyText(response, 400, "400 Bad Request: the path is not valid percent-encoding\n");
    return;
  }
  const authenticated = await parts.authenticator.authenticate(request);
  if (authenticated === undefined) throw failure("Unauthorized", "Unauthorized");
  const problem = impersonationProblem(request.rawHeaders, request.url ?? "/");
  if (problem !== undefined) {
    replyText(response, 500, problem);
    return;
  }
  const user = impersonate(request, authenticated, parts.kube.authorizer);
  authorize(parts.kube, info, user);
  let warned = 0;
  const exchange: Exchange = {
    request,
    response,
    info,
    user,
    userAgent: request.headers["user-agent"] ?? "",
    ...(upgrade === undefined ? {} : { upgrade }),
    warn(text) {
      const header = warningHeader(text);
      warned += header.length;
      if (warned <= MAX_WARNING_BYTES && !response.headersSent) response.appendHeader("warning", header);
    },
  };
  for (const route of parts.routes) if (await route(exchange)) return;
  throw failure("NotFound", "the server could not find the requested resource", { status: {} });
}

/** Paths anybody who is authenticated or not may read are RBAC's business too (system:public-info-viewer). */
function authorize(kube: KubeContext, info: RequestInfo, user: UserInfo): void {
  const attributes: Attributes = {
    user,
    verb: info.verb,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name === "" ? nameOfFieldSelector(info) : info.name,
    ...(info.isResource ? {} : { path: info.path }),
  };
  const decision = kube.authorizer.authorize(attributes);
  if (!decision.allowed) throw refusal(attributes, decision.reason);
}

/** A list of one name by field selector counts as access to that name. */
function nameOfFieldSelector(info: RequestInfo): string {
  if (info.verb !== "list" && info.verb !== "watch" && info.verb !== "deletecollection") return "";
  return /^metadata\.name==?([^,=]+)$/.exec(info.query.get("fieldSelector") ?? "")?.[1] ?? "";
}

/** 403 in the words of the original. */
export function refusal(attributes: Attributes, reason: string): StatusError {
  const { user, verb } = attributes;
  const because = reason === "" ? "" : `: ${reason}`;
  if (attributes.path !== undefined) {
    return failure(
      "Forbidden",
      `forbidden: User ${JSON.stringify(user.username)} cannot ${verb} path ${JSON.stringify(attributes.path)}${because}`,
      {
        status: {},
      },
    );
  }
  const resource =
    attributes.subresource === "" ? attributes.resource : `${attributes.resource}/${attributes.subresource}`;
  const where =
    attributes.namespace === "" ? " at the cluster scope" : ` in the namespace ${JSON.stringify(attributes.namespace)}`;
  const what = groupQualified(attributes.resource, attributes.group);
  const named = attributes.name === "" ? what : `${what} ${JSON.stringify(attributes.name)}`;
  return failure(
    "Forbidden",
    `${named} is forbidden: User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(attributes.group)}${where}${because}`,
    {
      status: {
        ...(attributes.name === "" ? {} : { name: attributes.name }),
        ...(attributes.group === "" ? {} : { group: attributes.group }),
        kind: attributes.resource,
      },
    },
  );
}

/** What the caller sent cannot be read, wherever it turned out; the message is for the caller. */
const UNREADABLE: ReadonlySet<string> = new Set(["SCHEMA_VALUE_TOO_DEEP", "SCHEMA_BODY_INVALID"]);

function replyError(log: Logger, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  // A body that was not read to its end must not be taken for the next request.
  if (!request.complete) response.setHeader?.("connection", "close");
  if (response.headersSent) {
    log.warn("reply cut short", { method: request.method, error });
    response.destroy();
    return;
  }
  if (error instanceof StatusError) {
    replyStatus(response, error.status, error.httpCode, negotiate(request.headers.accept)?.format);
    return;
  }
  if (error instanceof HoldfastError && UNREADABLE.has(error.code)) {
    replyStatus(response, failure("BadRequest", error.message, { cause: error }).status);
    return;
  }
  if (error instanceof HoldfastError && error.code.startsWith("STORE_")) {
    replyStatus(
      response,
      failure("ServiceUnavailable", error.message, { cause: error, status: { retryAfterSeconds: 1 } }).status,
    );
    return;
  }
  log.error("request failed", { method: request.method, path: request.url?.split("?")[0], error });
  replyStatus(
    response,
    failure("InternalError", "Internal error occurred: the server failed; its log says why", { cause: error }).status,
  );
}
