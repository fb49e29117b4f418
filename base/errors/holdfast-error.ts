/** Who has to act so that the same call can succeed. */
export type Fault = "caller" | "us" | "upstream";

/** Whether, and when, trying the same call again can help. */
export type Retry = "never" | "later" | { readonly afterMs: number };

/** One row of a closed code table: the message template names its parameters in braces. */
export interface ErrorSpec {
  readonly message: string;
  readonly fault: Fault;
  readonly retry: Retry;
}

export interface ErrorOptions {
  /** What went wrong below. Logged, never sent to a peer. */
  readonly cause?: unknown;
  /** Facts for machines; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Replaces the table's retry advice, for example with the peer's own Retry-After. */
  readonly retry?: Retry;
}

/**
 * The one error type of the product.
 *
 * Branch on `code`, never on the message. `cause` is for logs only.
 */
export class HoldfastError extends Error {
  readonly code: string;
  readonly fault: Fault;
  readonly retry: Retry;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, spec: ErrorSpec, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HoldfastError";
    this.code = code;
    this.fault = spec.fault;
    this.retry = options.retry ?? spec.retry;
    this.details = options.details ?? {};
  }
}

type Parameters = Readonly<Record<string, string | number>>;

/** A closed table of error codes that makes its own errors. */
export interface ErrorTable<Code extends string> {
  readonly codes: Readonly<Record<Code, ErrorSpec>>;
  /** Builds (does not throw) the error of `code`, its template filled from `parameters`. */
  create(code: Code, parameters?: Parameters, options?: ErrorOptions): HoldfastError;
  /** True when `error` came from this table. */
  owns(error: unknown): error is HoldfastError & { readonly code: Code };
}

/**
 * Declares a closed code table. A retired code stays in the table, its message starting with `(retired)`.
 *
 * @param codes - code -> message template, fault, retry advice. Code form: `PART_WHAT_HAPPENED`.
 */
export function defineErrors<const T extends Readonly<Record<string, ErrorSpec>>>(
  codes: T,
): ErrorTable<keyof T & string> {
  return {
    codes,
    create(code, parameters = {}, options = {}) {
      const spec = codes[code] as ErrorSpec;
      return new HoldfastError(code, spec, fillTemplate(spec.message, parameters), options);
    },
    owns(error): error is HoldfastError & { readonly code: keyof T & string } {
      return error instanceof HoldfastError && Object.hasOwn(codes, error.code);
    },
  };
}

function fillTemplate(template: string, parameters: Parameters): string {
  return template.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = parameters[name];
    return value === undefined ? all : String(value);
  });
}
