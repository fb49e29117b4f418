import { type ConfigSchema, flagOf, type Parsed } from "./config.ts";
import type { Field } from "./field.ts";

/** What `--print-config` shows: every value with its origin, secrets hidden. */
export function printConfig<S extends ConfigSchema>(schema: S, parsed: Parsed<S>): string {
  const rows = (Object.entries(schema) as [string, Field<unknown>][]).map(([key, field]) => {
    const value = (parsed.config as Record<string, unknown>)[key];
    const shown = field.isSecret ? "[secret]" : JSON.stringify(value === undefined ? null : field.print(value));
    return [`${key}:`, shown, `# ${parsed.origins[key as keyof S & string] ?? "unset"}`] as const;
  });
  const width = (i: 0 | 1) => Math.max(...rows.map((r) => r[i].length));
  return rows.map(([a, b, c]) => `${a.padEnd(width(0))} ${b.padEnd(width(1))} ${c}`).join("\n");
}

/** What `--help` shows of a service's flags. */
export function printHelp(service: string, about: string, schema: ConfigSchema): string {
  const rows = (Object.entries(schema) as [string, Field<unknown>][]).map(([key, field]) => {
    const fallback = field.default === undefined ? "required" : `default ${JSON.stringify(field.print(field.default))}`;
    const env = field.env === undefined ? "" : `, environment ${field.env}`;
    return `  --${flagOf(key, field)} ${field.isSwitch ? "" : field.word}\n      ${field.doc} (${fallback}${env})`;
  });
  return [
    `${service}: ${about}`,
    "",
    "Flags:",
    ...rows,
    "  --config FILE\n      YAML or JSON file with the same settings; flags and environment win over it",
    "  --check-config\n      judge the configuration and exit: 0 when it is fine, 2 with every problem",
    "  --print-config\n      print every value with its origin and exit",
  ].join("\n");
}
