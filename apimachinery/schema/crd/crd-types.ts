// apiextensions.k8s.io/v1 CustomResourceDefinition, as far as its validation reads it.

import type { KubeObject } from "../../meta/types.ts";
import type { JsonSchema } from "../json-schema.ts";

export interface CrdNames {
  plural?: string;
  singular?: string;
  kind?: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface CrdSubresources {
  status?: Record<string, never>;
  scale?: { specReplicasPath?: string; statusReplicasPath?: string; labelSelectorPath?: string };
}

export interface CrdColumn {
  name?: string;
  type?: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath?: string;
}

export interface CrdVersion {
  name?: string;
  served?: boolean;
  storage?: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: CrdSubresources;
  additionalPrinterColumns?: CrdColumn[];
  selectableFields?: { jsonPath?: string }[];
}

export interface CrdConversion {
  strategy?: string;
  webhook?: {
    clientConfig?: {
      url?: string;
      service?: { namespace?: string; name?: string; path?: string; port?: number };
      caBundle?: string;
    };
    conversionReviewVersions?: string[];
  };
}

export interface CrdSpec {
  group?: string;
  scope?: string;
  names?: CrdNames;
  versions?: CrdVersion[];
  conversion?: CrdConversion;
  preserveUnknownFields?: boolean;
}

export interface CrdStatus {
  storedVersions?: string[];
  acceptedNames?: CrdNames;
  conditions?: { type?: string; status?: string }[];
}

export interface CustomResourceDefinition extends KubeObject {
  spec?: CrdSpec;
  status?: CrdStatus;
}

/**
 * The specification in the server's internal form: what all versions share stands once, at the top. Paths of complaints
 * follow this form: `spec.validation.openAPIV3Schema` for a definition of one version.
 */
export interface HoistedSpec {
  readonly versions: readonly CrdVersion[];
  readonly validation: CrdVersion["schema"];
  readonly subresources: CrdVersion["subresources"];
  readonly additionalPrinterColumns: CrdVersion["additionalPrinterColumns"];
  readonly selectableFields: CrdVersion["selectableFields"];
}
