import { patchErrors } from "@holdfast/apimachinery/patch/errors";
import { protobufErrors } from "@holdfast/apimachinery/protobuf/errors";
import { SCHEMA_ERRORS } from "@holdfast/apimachinery/schema/depth-limit";
import { bytesErrors } from "@holdfast/base/bytes/errors";
import type { ErrorSpec } from "@holdfast/base/errors/holdfast-error";
import { controllerErrors } from "@holdfast/butler-controller/errors";
import { DOMAIN_ERRORS } from "@holdfast/domain/errors";
import { REFUSALS } from "@holdfast/domain/refusal-codes";
import { configErrors } from "@holdfast/runtime/config/errors";
import { kubeErrors } from "@holdfast/runtime/kube/errors";
import { storeErrors } from "@holdfast/runtime/store/errors";

type Table = { readonly codes: Readonly<Record<string, ErrorSpec>> };

const TABLES: readonly { readonly title: string; readonly table: Table }[] = [
  { title: "Bytes (`base/bytes`)", table: bytesErrors },
  { title: "Configuration (`runtime/config`)", table: configErrors },
  { title: "Durable log (`runtime/store`)", table: storeErrors },
  { title: "Kubernetes client (`runtime/kube`)", table: kubeErrors },
  { title: "Protobuf bodies (`apimachinery/protobuf`)", table: protobufErrors },
  { title: "Patches (`apimachinery/patch`)", table: patchErrors },
  { title: "Schemas and bodies (`apimachinery/schema`)", table: SCHEMA_ERRORS },
  { title: "Decisions (`domain`)", table: DOMAIN_ERRORS },
  { title: "butler-controller", table: controllerErrors },
];

/** path -> text of the page of every error code. */
export function generateErrorReference(): Map<string, string> {
  const sections = TABLES.map(({ title, table }) => {
    const rows = Object.entries(table.codes).map(
      ([code, spec]) =>
        `| \`${code}\` | ${cell(spec.message)} | ${spec.fault} | ${typeof spec.retry === "string" ? spec.retry : `after ${spec.retry.afterMs} ms`} |`,
    );
    return `## ${title}\n\n| Code | Sentence | Whose fault | Try again |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  });
  const refusals = Object.entries(REFUSALS).map(([code, text]) => `| \`${code}\` | ${cell(text)} |`);
  const text = `# Error codes

Made from the tables in code; do not edit. Refusals of the Kubernetes API itself are Statuses with the reasons of that API.

${sections.join("\n")}
## Refusals of the webhooks (\`domain/refusal-codes.ts\`)

| Code | Meaning and way out |
|---|---|
${refusals.join("\n")}
`;
  return new Map([["docs/reference/errors.md", text]]);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
