import { configErrors } from "./errors.ts";
import type { Field } from "./field.ts";
import { nearest } from "./nearest.ts";

/** A service's configuration: field name -> field. Nested groups are spelled in the key: no field hides in another. */
export type ConfigSchema = Readonly<Record<string, Field<never> | Field<unknown>>>;

export type ConfigOf<S> = { readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never };

export type Origin = "default" | "file" | "env" | "flag";

export interface Sources {
  /** Arguments behind the service's name: `--flag value`, `--flag=value`, `--switch`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The parsed file, when one was named. */
  readonly file?: unknown;
}

export interface Parsed<S> {
  readonly config: ConfigOf<S>;
  /** Where each value comes from. */
  readonly origins: Readonly<Record<keyof S & string, Origin>>;
  /** Flags of the parser itself. */
  readonly wants: { readonly checkConfig: boolean; readonly printConfig: boolean; readonly help: boolean };
}

const OWN_FLAGS = new Set(["check-config", "print-config", "help", "config"]);

/**
 * Reads a configuration: defaults, then the file, then the environment, then flags; the later wins.
 *
 * Every problem is found before any is reported, unknown keys and flags are refused with the nearest known name.
 *
 * @throws CONFIG_INVALID, details.problems being the list
 */
export function parseConfig<S extends ConfigSchema>(service: string, schema: S, sources: Sources): Parsed<S> {
  const problems: string[] = [];
  const fields = Object.entries(schema) as [string, Field<unknown>][];
  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  for (const [key, field] of fields) {
    if (field.default === undefined) continue;
    values[key] = field.default;
    origins[key] = "default";
  }
  const take = (key: string, field: Field<unknown>, value: unknown, origin: Origin, name: string) => {
    const parsed = field.parse(value);
    if (typeof parsed === "string")
      problems.push(`${name} ${field.isSecret ? parsed.replace(/, is .*$/, "") : parsed}`);
    else {
      values[key] = parsed.value;
      origins[key] = origin;
    }
  };
  readFile(fields, sources.file, problems, take);
  for (const [key, field] of fields) {
    const value = field.env === undefined ? undefined : sources.env[field.env];
    if (value !== undefined && value !== "") take(key, field, value, "env", `environment ${field.env}`);
  }
  const wants = readFlags(fields, sources.argv, problems, take);
  for (const [key, field] of fields) {
    if (!(key in values) && !problems.some((p) => p.includes(`--${flagOf(key, field)} `))) {
      problems.push(
        `--${flagOf(key, field)} is required${field.env === undefined ? "" : ` (or environment ${field.env})`}: ${field.doc}`,
      );
    }
  }
  if (problems.length > 0 && !wants.help) {
    throw configErrors.create(
      "CONFIG_INVALID",
      { service, count: problems.length, problems: problems.map((p) => `  - ${p}`).join("\n") },
      { details: { problems } },
    );
  }
  return { config: Object.freeze(values) as ConfigOf<S>, origins: origins as Parsed<S>["origins"], wants };
}

type Take = (key: string, field: Field<unknown>, value: unknown, origin: Origin, name: string) => void;

function readFile(fields: readonly [string, Field<unknown>][], file: unknown, problems: string[], take: Take): void {
  if (file === undefined || file === null) return;
  if (typeof file !== "object" || Array.isArray(file)) {
    problems.push("the configuration file must hold one object");
    return;
  }
  for (const [name, value] of Object.entries(file)) {
    const found = fields.find(([key]) => key === name);
    if (found === undefined)
      problems.push(
        `file key ${JSON.stringify(name)} is not known${suggest(
          name,
          fields.map(([k]) => k),
        )}`,
      );
    else take(found[0], found[1], value, "file", `file key ${name}`);
  }
}

function readFlags(
  fields: readonly [string, Field<unknown>][],
  argv: readonly string[],
  problems: string[],
  take: Take,
): Parsed<unknown>["wants"] {
  const wants = { checkConfig: false, printConfig: false, help: false };
  const byFlag = new Map(fields.map(([key, field]) => [flagOf(key, field), [key, field] as const]));
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const match = /^--?([\w-]+)(?:=([\s\S]*))?$/.exec(word);
    if (!match) {
      problems.push(`argument ${JSON.stringify(word)} is not a flag`);
      continue;
    }
    const name = match[1] as string;
    if (name === "check-config") wants.checkConfig = true;
    else if (name === "print-config") wants.printConfig = true;
    else if (name === "help" || name === "h") wants.help = true;
    else if (name === "config") {
      if (match[2] === undefined) i++;
    } else {
      const found = byFlag.get(name);
      if (found === undefined) {
        problems.push(`flag --${name} is not known${suggest(name, [...byFlag.keys(), ...OWN_FLAGS], "--")}`);
        // Its value, if it has one, is no flag of its own.
        if (match[2] === undefined && argv[i + 1]?.startsWith("-") === false) i++;
        continue;
      }
      const [key, field] = found;
      const next = argv[i + 1];
      let value: unknown = match[2];
      if (value === undefined && field.isSwitch) value = next === "true" || next === "false" ? argv[++i] : "true";
      else if (value === undefined) {
        if (next === undefined) {
          problems.push(`flag --${name} needs a value (${field.word})`);
          continue;
        }
        value = argv[++i];
      }
      take(key, field, value, "flag", `flag --${name}`);
    }
  }
  return wants;
}

/** The file named by `--config`, if any. */
export function configFileOf(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => word === "--config" || word.startsWith("--config="));
  if (at < 0) return undefined;
  const word = argv[at] as string;
  return word.includes("=") ? word.slice("--config=".length) : argv[at + 1];
}

export function flagOf(key: string, field: Field<unknown>): string {
  return field.flag ?? key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

function suggest(name: string, known: readonly string[], prefix = ""): string {
  const found = nearest(name, known);
  return found === undefined ? "" : `; did you mean ${prefix}${found}?`;
}
