import { parseDuration, printDuration } from "@holdfast/base/units/duration";

/** What one configuration value is, and where it may come from. */
export interface Field<T> {
  /** One sentence for people: the help text and the reference page. */
  readonly doc: string;
  /** Undefined: the value is required. */
  readonly default: T | undefined;
  /** Flag without dashes: `metrics-bind-address`. Default: the key in kebab-case. */
  readonly flag?: string;
  /** Environment variable; none when absent. */
  readonly env?: string;
  /** Shown in help: `DURATION`, `ADDRESS`. */
  readonly word: string;
  /** A flag that may stand alone. */
  readonly isSwitch: boolean;
  /** The value is never printed. */
  readonly isSecret: boolean;
  /** Reads text (flag, environment) or a JSON value (file); a string is the complaint, without the field's name. */
  parse(value: unknown): { readonly value: T } | string;
  /** The inverse, for --print-config. */
  print(value: T): unknown;
}

interface Options<T> {
  readonly doc: string;
  readonly default?: T;
  readonly flag?: string;
  readonly env?: string;
}

function field<T>(options: Options<T>, rest: Pick<Field<T>, "word" | "parse"> & Partial<Field<T>>): Field<T> {
  return {
    isSwitch: false,
    isSecret: false,
    print: (value) => value,
    default: undefined,
    ...options,
    ...rest,
  } as Field<T>;
}

export function text(options: Options<string> & { readonly pattern?: RegExp; readonly word?: string }): Field<string> {
  return field(options, {
    word: options.word ?? "TEXT",
    parse: (value) => {
      if (typeof value !== "string") return `must be text, is ${show(value)}`;
      if (options.pattern !== undefined && !options.pattern.test(value))
        return `must match ${options.pattern.source}, is ${show(value)}`;
      return { value };
    },
  });
}

export function integer(options: Options<number> & { readonly min?: number; readonly max?: number }): Field<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
  return field(options, {
    word: "N",
    parse: (value) => {
      const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
      if (typeof number !== "number" || !Number.isInteger(number)) return `must be a whole number, is ${show(value)}`;
      if (number < min || number > max) return `must be from ${min} to ${max}, is ${number}`;
      return { value: number };
    },
  });
}

export function toggle(options: Options<boolean>): Field<boolean> {
  return field(options, {
    word: "true|false",
    isSwitch: true,
    parse: (value) => {
      if (value === true || value === "true" || value === "1") return { value: true };
      if (value === false || value === "false" || value === "0") return { value: false };
      return `must be true or false, is ${show(value)}`;
    },
  });
}

export function choice<const T extends string>(options: Options<T> & { readonly values: readonly T[] }): Field<T> {
  return field(options, {
    word: options.values.join("|"),
    parse: (value) => {
      const found = options.values.find((v) => v === value);
      return found === undefined ? `must be one of ${options.values.join(", ")}, is ${show(value)}` : { value: found };
    },
  });
}

/** A duration in Go's form (`1h30m`, `10s`, `250ms`), held in milliseconds. */
export function duration(
  options: Options<number> & { readonly minMs?: number; readonly maxMs?: number },
): Field<number> {
  return field(options, {
    word: "DURATION",
    parse: (value) => {
      const ms = typeof value === "string" ? parseDuration(value) : undefined;
      if (ms === undefined) return `must be a duration such as 10s or 1h30m, is ${show(value)}`;
      if (ms < (options.minMs ?? 0)) return `must be at least ${printDuration(options.minMs ?? 0)}, is ${value}`;
      if (options.maxMs !== undefined && ms > options.maxMs)
        return `must be at most ${printDuration(options.maxMs)}, is ${value}`;
      return { value: ms };
    },
    print: printDuration,
  });
}

/** Where to listen: `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every address), `0` (not at all). */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export function address(options: Options<ListenAddress | "off">): Field<ListenAddress | "off"> {
  return field(options, {
    word: "ADDRESS",
    parse: (value) => {
      if (value === "0") return { value: "off" };
      const match = typeof value === "string" ? /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(value) : null;
      if (match === null || Number(match[3]) > 65_535)
        return `must be HOST:PORT, :PORT or 0 for none, is ${show(value)}`;
      return { value: { host: match[1] ?? match[2] ?? "", port: Number(match[3]) } };
    },
    print: (value) =>
      value === "off" ? "0" : `${value.host.includes(":") ? `[${value.host}]` : value.host}:${value.port}`,
  });
}

export function list(options: Options<readonly string[]> & { readonly pattern?: RegExp }): Field<readonly string[]> {
  return field(options, {
    word: "A,B,…",
    parse: (value) => {
      const items =
        typeof value === "string"
          ? value
              .split(",")
              .map((v) => v.trim())
              .filter((v) => v !== "")
          : value;
      if (!Array.isArray(items) || items.some((i) => typeof i !== "string"))
        return `must be a list of texts, is ${show(value)}`;
      const wrong =
        options.pattern === undefined
          ? undefined
          : (items as string[]).find((i) => !(options.pattern as RegExp).test(i));
      return wrong === undefined
        ? { value: items as string[] }
        : `holds ${show(wrong)}, which does not match ${options.pattern?.source}`;
    },
  });
}

/** The path of a file that holds a secret. The path may be printed, what is in the file never enters the configuration. */
export function secretFile(options: Options<string>): Field<string> {
  return field(options, {
    word: "FILE",
    parse: (value) => (typeof value === "string" ? { value } : `must be the path of a file, is ${show(value)}`),
  });
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? "nothing";
}
