// Table columns of custom resources: the definition's additionalPrinterColumns behind the name.
import type { KubeObject } from "../meta/types.ts";
import { ageOf } from "./human-duration.ts";
import { compileJsonPath } from "./json-path.ts";

/** metav1.TableColumnDefinition */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** apiextensions.k8s.io/v1 CustomResourceColumnDefinition */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface CompiledColumns {
  readonly definitions: readonly TableColumn[];
  /** One cell a column; what a path does not find is null. */
  cells(object: KubeObject, nowMs: number): unknown[];
}

/** What every API server says of metadata.name and metadata.creationTimestamp; clients compare column definitions. */
export const NAME_DESCRIPTION =
  "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
export const CREATED_DESCRIPTION =
  "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

const AGE: PrinterColumn = {
  name: "Age",
  type: "date",
  description: CREATED_DESCRIPTION,
  jsonPath: ".metadata.creationTimestamp",
};

/** Compiles the columns of a version; without any there is the age. */
export function compileColumns(columns: readonly PrinterColumn[] | undefined): CompiledColumns {
  const given = columns === undefined || columns.length === 0 ? [AGE] : columns;
  const compiled = given.map((column) => ({ type: column.type, path: compileJsonPath(column.jsonPath) }));
  return {
    definitions: [
      { name: "Name", type: "string", format: "name", description: NAME_DESCRIPTION, priority: 0 },
      ...given.map((column) => ({
        name: column.name,
        type: column.type,
        format: column.format ?? "",
        description:
          column.description === undefined || column.description === ""
            ? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`
            : column.description,
        priority: column.priority ?? 0,
      })),
    ],
    cells: (object, nowMs) => [
      object.metadata.name ?? "",
      ...compiled.map(({ type, path }) => {
        const value = path?.find(object)[0];
        return value === undefined || value === null ? null : cell(type, value, nowMs);
      }),
    ],
  };
}

function cell(type: string, value: unknown, nowMs: number): unknown {
  switch (type) {
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageOf(value, nowMs) : null;
    default:
      return typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}
