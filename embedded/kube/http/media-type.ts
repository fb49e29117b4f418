// Content negotiation for what the server speaks: JSON, YAML, Table, PartialObjectMetadata; protobuf only inbound.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources

export type View = "object" | "table" | "metadata";

export interface Negotiated {
  readonly format: "json" | "yaml";
  readonly view: View;
  /** The metadata view of lists. */
  readonly viewIsList?: boolean;
  /** meta.k8s.io version of a Table or PartialObjectMetadata: v1 or v1beta1. */
  readonly viewVersion: string;
  /** Parameters of the accepted media type, for discovery's g, v and as. */
  readonly parameters: ReadonlyMap<string, string>;
}

const JSON_OBJECT: Negotiated = { format: "json", view: "object", viewVersion: "v1", parameters: new Map() };

/** Everything of an Accept header, best first; malformed entries are passed over. */
export function parseAccept(header: string | undefined): { type: string; parameters: Map<string, string> }[] {
  if (header === undefined || header === "" || header === "*/*") return [{ type: "*/*", parameters: new Map() }];
  const out: { type: string; parameters: Map<string, string>; q: number }[] = [];
  for (const entry of header.slice(0, 4096).split(",")) {
    const [type = "", ...rest] = entry.split(";").map((p) => p.trim());
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const at = parameter.indexOf("=");
      if (at > 0) parameters.set(parameter.slice(0, at), parameter.slice(at + 1));
    }
    out.push({ type: type.toLowerCase(), parameters, q: Number(parameters.get("q") ?? 1) });
  }
  return out.sort((a, b) => b.q - a.q);
}

/** The first representation of an object that client and server share; undefined is a 406. */
export function negotiate(header: string | undefined): Negotiated | undefined {
  if (header === undefined || header === "application/json" || header === "*/*") return JSON_OBJECT;
  for (const { type, parameters } of parseAccept(header)) {
    const format =
      type === "application/yaml"
        ? "yaml"
        : type === "application/json" || type === "*/*" || type === "application/*"
          ? "json"
          : undefined;
    if (format === undefined) continue;
    const as = parameters.get("as");
    if (as === undefined) return { format, view: "object", viewVersion: "v1", parameters };
    const version = parameters.get("v") ?? "";
    if (parameters.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) continue;
    if (as === "Table") return { format, view: "table", viewVersion: version, parameters };
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList")
      return {
        format,
        view: "metadata",
        viewIsList: as === "PartialObjectMetadataList",
        viewVersion: version,
        parameters,
      };
  }
  return undefined;
}
