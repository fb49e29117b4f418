import { type ErrorOptions, type Fault, HoldfastError, type Retry } from "@holdfast/base/errors/holdfast-error";
import { aggregateText, type FieldError, fieldErrorBody } from "./field-error.ts";
import { groupQualified } from "./types.ts";

/** metav1.StatusCause */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** metav1.Status of kind Failure, as a server answers it. */
export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: Record<string, unknown>;
  status: "Failure" | "Success";
  message?: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
  code?: number;
}

/** metav1.StatusReason -> HTTP code, whose fault, retry advice. The closed table of what an API server refuses with. */
const REASONS = {
  BadRequest: [400, "caller", "never"],
  Unauthorized: [401, "caller", "never"],
  Forbidden: [403, "caller", "never"],
  NotFound: [404, "caller", "never"],
  MethodNotAllowed: [405, "caller", "never"],
  NotAcceptable: [406, "caller", "never"],
  AlreadyExists: [409, "caller", "never"],
  Conflict: [409, "caller", "later"],
  Gone: [410, "caller", "never"],
  Expired: [410, "caller", "never"],
  RequestEntityTooLarge: [413, "caller", "never"],
  UnsupportedMediaType: [415, "caller", "never"],
  Invalid: [422, "caller", "never"],
  TooManyRequests: [429, "us", "later"],
  InternalError: [500, "us", "later"],
  ServiceUnavailable: [503, "us", "later"],
  Timeout: [504, "us", "later"],
  ServerTimeout: [500, "us", "later"],
  "": [500, "us", "later"],
} as const satisfies Record<string, readonly [number, Fault, Retry]>;

export type StatusReason = keyof typeof REASONS;

/** An error whose answer to the client is the Status it carries. */
export class StatusError extends HoldfastError {
  readonly status: Status;

  constructor(status: Status, options: ErrorOptions = {}) {
    const reason = (status.reason ?? "") as StatusReason;
    const [, fault, retry] = REASONS[reason] ?? REASONS[""];
    super(`KUBE_${reason === "" ? "Unknown" : reason}`, { message: "", fault, retry }, status.message ?? "", options);
    this.name = "StatusError";
    this.status = status;
  }

  get httpCode(): number {
    return this.status.code ?? 500;
  }
}

interface FailureOptions extends ErrorOptions {
  readonly code?: number;
  readonly status?: Status["details"];
}

/** A Status of `reason` with the code that belongs to it. `reason: ""` leaves the field out. */
export function failure(reason: StatusReason, message: string, options: FailureOptions = {}): StatusError {
  const status: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message };
  if (reason !== "") status.reason = reason;
  if (options.status !== undefined) status.details = options.status;
  status.code = options.code ?? REASONS[reason][0];
  return new StatusError(status, options);
}

/** What an error is about: a resource (plural) or, for Invalid, a kind. */
export interface Subject {
  readonly group: string;
  /** Plural resource name; for {@link invalidObject} the kind. */
  readonly resource: string;
}

function details(subject: Subject, name: string): NonNullable<Status["details"]> {
  const out: NonNullable<Status["details"]> = {};
  if (name !== "") out.name = name;
  if (subject.group !== "") out.group = subject.group;
  if (subject.resource !== "") out.kind = subject.resource;
  return out;
}

/** 404 `pods "x" not found` */
export function objectNotFound(subject: Subject, name: string): StatusError {
  return failure("NotFound", `${groupQualified(subject.resource, subject.group)} "${name}" not found`, {
    status: details(subject, name),
  });
}

/** 409 `pods "x" already exists` */
export function alreadyExists(subject: Subject, name: string): StatusError {
  return failure("AlreadyExists", `${groupQualified(subject.resource, subject.group)} "${name}" already exists`, {
    status: details(subject, name),
  });
}

/** 409 `Operation cannot be fulfilled on pods "x": why` */
export function conflict(subject: Subject, name: string, why: string): StatusError {
  return failure(
    "Conflict",
    `Operation cannot be fulfilled on ${groupQualified(subject.resource, subject.group)} "${name}": ${why}`,
    { status: details(subject, name) },
  );
}

/** The conflict of optimistic locking. */
export const MODIFIED = "the object has been modified; please apply your changes to the latest version and try again";

/** 403 `pods "x" is forbidden: why`; without a name `pods is forbidden: why`. */
export function forbiddenObject(subject: Subject, name: string, why: string): StatusError {
  const what = groupQualified(subject.resource, subject.group);
  const message = name === "" ? `${what} is forbidden: ${why}` : `${what} "${name}" is forbidden: ${why}`;
  return failure("Forbidden", message, { status: details(subject, name) });
}

/** 422 `Kind.group "x" is invalid: …` with one cause an error. `subject.resource` is the kind. */
export function invalidObject(subject: Subject, name: string, errors: readonly FieldError[]): StatusError {
  const causes = errors.map((e) => ({ reason: e.type, message: fieldErrorBody(e), field: e.field }));
  const message = `${groupQualified(subject.resource, subject.group)} "${name}" is invalid: ${aggregateText(errors)}`;
  return failure("Invalid", message, { status: { ...details(subject, name), causes } });
}

/** 400 with the bare message. */
export function badRequest(message: string): StatusError {
  return failure("BadRequest", message);
}

/** 500 `Internal error occurred: why` with the cause the original gives. */
export function internalError(why: string, cause?: unknown): StatusError {
  return failure("InternalError", `Internal error occurred: ${why}`, {
    cause,
    status: { causes: [{ message: why }] },
  });
}

/** Whether an error is a refusal of an API server with this reason: `NotFound`, `Conflict`, `AlreadyExists`, … */
export function isReason(error: unknown, reason: string): boolean {
  return error instanceof StatusError && error.status.reason === reason;
}
