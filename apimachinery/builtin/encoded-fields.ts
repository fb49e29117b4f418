// Which members of a built-in object its JSON always has, whether a client set them or not: those without "omitempty" and
// those whose type is a struct and not a pointer. k8s.io/api v0.34.4, the json tags of types.go.
import type { Json } from "../meta/types.ts";
import type { Field } from "./type-table.ts";

/** Fields the API documents as optional and still always encodes. */
const ALWAYS: ReadonlySet<string> = new Set([
  "apiextensions/v1.CustomResourceDefinitionStatus acceptedNames",
  "apiextensions/v1.CustomResourceDefinitionStatus conditions",
  "apiextensions/v1.CustomResourceDefinitionStatus storedVersions",
  "apps/v1.StatefulSetOrdinals start",
  "apps/v1.StatefulSetSpec serviceName",
  "apps/v1.StatefulSetStatus availableReplicas",
  "authentication/v1.TokenRequestSpec boundObjectRef",
  "authentication/v1.TokenRequestSpec expirationSeconds",
  "autoscaling/v2.HorizontalPodAutoscalerStatus currentMetrics",
  "core/v1.AzureFilePersistentVolumeSource secretNamespace",
  "core/v1.ContainerImage names",
  "core/v1.Event reportingComponent",
  "core/v1.Event reportingInstance",
  "core/v1.GRPCAction service",
  "core/v1.NodeRuntimeHandler name",
  "core/v1.ProjectedVolumeSource sources",
  "core/v1.TypedLocalObjectReference apiGroup",
  "core/v1.TypedObjectReference apiGroup",
  "discovery/v1.EndpointSlice ports",
  "events/v1.Event metadata",
  "networking/v1.IngressClassParametersReference scope",
  "networking/v1.NetworkPolicySpec podSelector",
  "rbac/v1.ClusterRole rules",
  "rbac/v1.Role rules",
  "storage/v1.CSINodeDriver topologyKeys",
]);

export type FieldKind = "scalar" | "list" | "map" | "struct" | "time" | "value";

const SCALARS: ReadonlySet<string> = new Set(["string", "bool", "int32", "int64", "float64"]);

/** How a field's type behaves when it is empty. `value`: types with an encoding of their own. */
export function fieldKind(type: string): FieldKind {
  if (type.startsWith("[]") || type === "bytes") return "list";
  if (type.startsWith("{}")) return "map";
  if (SCALARS.has(type)) return "scalar";
  if (type === "time" || type === "microtime") return "time";
  return type.includes("/") ? "struct" : "value";
}

/**
 * True when the field stands in the JSON of every object of its type.
 *
 * @param typeKey - the type that declares the field
 */
export function isAlwaysEncoded(typeKey: string, field: Field): boolean {
  if (field.options.required || ALWAYS.has(`${typeKey} ${field.name}`)) return true;
  if (field.options.pointer) return false;
  const kind = fieldKind(field.type);
  if (kind === "time") return !(typeKey === "meta/v1.ObjectMeta");
  return kind === "struct" || kind === "value";
}

/** What the field holds when nobody set it; undefined for a struct, whose zero is an object of its own. */
export function zeroJson(field: Field): Json | undefined {
  if (field.options.pointer) return null;
  switch (field.type) {
    case "string":
      return "";
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "float64":
    case "intorstring":
      return 0;
    case "quantity":
      return "0";
    case "duration":
      return "0s";
    default:
      return fieldKind(field.type) === "struct" ? undefined : null;
  }
}
