import { BUTLER_CONTROLLER_CONFIG } from "@holdfast/butler-controller/config";
import { type ConfigSchema, flagOf } from "@holdfast/runtime/config/config";
import type { Field } from "@holdfast/runtime/config/field";

const SERVICES: readonly { readonly name: string; readonly schema: ConfigSchema }[] = [
  { name: "butler-controller", schema: BUTLER_CONTROLLER_CONFIG },
];

/** path -> text of the reference page of every service's settings. */
export function generateConfigReference(): Map<string, string> {
  return new Map(SERVICES.map(({ name, schema }) => [`docs/reference/config/${name}.md`, page(name, schema)]));
}

function page(name: string, schema: ConfigSchema): string {
  const rows = (Object.entries(schema) as [string, Field<unknown>][]).map(([key, field]) => {
    const fallback = field.default === undefined ? "required" : `\`${JSON.stringify(field.print(field.default))}\``;
    const env = field.env === undefined ? "" : `\`${field.env}\``;
    return `| \`--${flagOf(key, field)}\` | \`${key}\` | ${env} | ${field.word.replaceAll("|", "\\|")} | ${fallback} | ${field.doc} |`;
  });
  return `# Settings of ${name}

Made from the schema in code; do not edit. Defaults give way to the file (\`--config FILE\`), the file to the environment, the
environment to flags. \`--check-config\` judges, \`--print-config\` shows every value with its origin.

| Flag | File key | Environment | Value | Default | Meaning |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}
