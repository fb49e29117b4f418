import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { JsonSchema } from "@holdfast/apimachinery/schema/json-schema";

/** apiextensions.k8s.io/v1 CustomResourceDefinition, as far as the server reads it. */
export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    scope: "Namespaced" | "Cluster";
    names: CrdNames;
    versions: CrdVersion[];
    preserveUnknownFields?: boolean;
    conversion?: { strategy: "None" | "Webhook"; webhook?: unknown };
  };
  status?: {
    acceptedNames?: CrdNames;
    storedVersions?: string[];
    conditions?: CrdCondition[] | null;
  };
}

export interface CrdNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface CrdVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: {
    status?: Record<string, never> | null;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string } | null;
  };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: { jsonPath: string }[];
}

export interface PrinterColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

export interface CrdCondition {
  type: string;
  status: "True" | "False" | "Unknown";
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}
