import { API_VERSION, CRD_API_VERSION, GROUP, VERSION } from "./names.ts";
import type { CelRule, Field, SchemaProps } from "./schema-dsl.ts";

/** The parts of metav1.ObjectMeta Butler reads and writes. */
export interface Metadata {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
}

/**
 * A Butler object as the API server stores it. `spec` may be absent: the schema of no kind demands it, so code that
 * reads an object from outside must not rely on it.
 */
export interface Resource<Kind extends string, Spec, Status> {
  apiVersion: typeof API_VERSION;
  kind: Kind;
  metadata: Metadata;
  spec?: Spec;
  status?: Status;
}

/** One column of `kubectl get`. */
export interface PrinterColumn {
  name: string;
  jsonPath: string;
  type: "string" | "integer" | "boolean" | "date";
  description?: string;
  /** Above 0 the column is shown by `-o wide` only. */
  priority?: number;
}

/** A complete CustomResourceDefinition of apiextensions.k8s.io/v1. */
export interface CustomResourceDefinition {
  apiVersion: typeof CRD_API_VERSION;
  kind: "CustomResourceDefinition";
  metadata: { name: string };
  spec: {
    group: string;
    names: { kind: string; listKind: string; plural: string; singular: string; shortNames: string[] };
    scope: "Cluster" | "Namespaced";
    versions: {
      name: string;
      served: boolean;
      storage: boolean;
      schema: { openAPIV3Schema: SchemaProps };
      subresources?: { status?: Record<string, never> };
      additionalPrinterColumns?: PrinterColumn[];
    }[];
  };
}

/** What {@link defineResource} is told about a kind. */
export interface ResourceDescription<Kind extends string, Spec, Status> {
  readonly kind: Kind;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: "Cluster" | "Namespaced";
  /** What an object of the kind is, for `kubectl explain` and the reference. */
  readonly description: string;
  readonly columns: readonly PrinterColumn[];
  readonly spec: Field<Spec>;
  /** Absent: the kind has no status and no status subresource. */
  readonly status?: Field<Status>;
  /** CEL conditions over the whole object. */
  readonly rules?: readonly CelRule[];
}

/** A kind of the Butler API: its type (by {@link ResourceOf}) and its CustomResourceDefinition. */
export interface ResourceDefinition<Kind extends string, Spec, Status> extends ResourceDescription<Kind, Spec, Status> {
  readonly crd: CustomResourceDefinition;
}

/** The TypeScript type of the objects of a definition. */
export type ResourceOf<D> =
  D extends ResourceDefinition<infer Kind, infer Spec, infer Status> ? Resource<Kind, Spec, Status> : never;

/** Builds a kind from its description. */
export function defineResource<const Kind extends string, Spec, Status = never>(
  description: ResourceDescription<Kind, Spec, Status>,
): ResourceDefinition<Kind, Spec, Status> {
  return { ...description, crd: toCrd(description) };
}

/** A column of `kubectl get`. */
export function column(
  name: string,
  jsonPath: string,
  description: string,
  options: { readonly type?: PrinterColumn["type"]; readonly priority?: number } = {},
): PrinterColumn {
  const out: PrinterColumn = { name, jsonPath, type: options.type ?? "string", description };
  if (options.priority !== undefined) out.priority = options.priority;
  return out;
}

/** The last column of every kind. */
export const AGE: PrinterColumn = { name: "Age", jsonPath: ".metadata.creationTimestamp", type: "date" };

function toCrd(description: ResourceDescription<string, unknown, unknown>): CustomResourceDefinition {
  const singular = description.kind.toLowerCase();
  return {
    apiVersion: CRD_API_VERSION,
    kind: "CustomResourceDefinition",
    metadata: { name: `${description.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind: description.kind,
        listKind: `${description.kind}List`,
        plural: description.plural,
        singular,
        shortNames: [...description.shortNames],
      },
      scope: description.scope,
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: rootSchema(description) },
          subresources: description.status === undefined ? {} : { status: {} },
          additionalPrinterColumns: description.columns.map((c) => ({ ...c })),
        },
      ],
    },
  };
}

function rootSchema(description: ResourceDescription<string, unknown, unknown>): SchemaProps {
  const properties: Record<string, SchemaProps> = {
    apiVersion: { description: `Always ${API_VERSION}.`, type: "string" },
    kind: { description: `Always ${description.kind}.`, type: "string" },
    metadata: { type: "object" },
    spec: description.spec.schema,
  };
  if (description.status !== undefined) properties.status = description.status.schema;
  const root: SchemaProps = { description: description.description, type: "object", properties };
  if (description.rules !== undefined)
    root["x-kubernetes-validations"] = description.rules.map((rule) => ({ ...rule }));
  return root;
}
