// Makes apimachinery/builtin/types.generated.json: what the wire needs to know of the built-in kinds. Field names, numbers of the
// protobuf encoding, list and merge keys are facts of the published Go API modules; no sentence of theirs is taken over.
//
//   node tools/gen/builtin-types.ts DIR V      DIR holds the modules api@V, apimachinery@V, apiextensions-apiserver@V, kube-aggregator@V
//
// It is run by hand when the table moves to a new Kubernetes release: the modules are no dependency of the repository.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGES: Readonly<Record<string, string>> = {
  "core/v1": "api@V/core/v1",
  "apps/v1": "api@V/apps/v1",
  "batch/v1": "api@V/batch/v1",
  "rbac/v1": "api@V/rbac/v1",
  "coordination/v1": "api@V/coordination/v1",
  "admissionregistration/v1": "api@V/admissionregistration/v1",
  "authentication/v1": "api@V/authentication/v1",
  "authorization/v1": "api@V/authorization/v1",
  "policy/v1": "api@V/policy/v1",
  "networking/v1": "api@V/networking/v1",
  "events/v1": "api@V/events/v1",
  "discovery/v1": "api@V/discovery/v1",
  "storage/v1": "api@V/storage/v1",
  "scheduling/v1": "api@V/scheduling/v1",
  "autoscaling/v1": "api@V/autoscaling/v1",
  "autoscaling/v2": "api@V/autoscaling/v2",
  "certificates/v1": "api@V/certificates/v1",
  "node/v1": "api@V/node/v1",
  "meta/v1": "apimachinery@V/pkg/apis/meta/v1",
  "apiextensions/v1": "apiextensions-apiserver@V/pkg/apis/apiextensions/v1",
  "apiregistration/v1": "kube-aggregator@V/pkg/apis/apiregistration/v1",
};

/** Types whose JSON form is not that of their Go struct. */
const SCALARS: Readonly<Record<string, string>> = {
  string: "string",
  bool: "bool",
  int32: "int32",
  int64: "int64",
  int: "int64",
  uint8: "int32",
  float64: "float64",
  "[]byte": "bytes",
  "resource.Quantity": "quantity",
  "metav1.Time": "time",
  "metav1.MicroTime": "microtime",
  "metav1.Duration": "duration",
  Time: "time",
  MicroTime: "microtime",
  "intstr.IntOrString": "intorstring",
  "runtime.RawExtension": "raw",
  "metav1.FieldsV1": "fieldsv1",
  FieldsV1: "fieldsv1",
  "apiextensionsv1.JSON": "json",
  JSON: "json",
  "types.UID": "string",
  "types.NodeName": "string",
  "types.NamespacedName": "string",
  JSONSchemaPropsOrBool: "propsorbool",
  JSONSchemaPropsOrArray: "propsorarray",
  JSONSchemaPropsOrStringArray: "propsorstrings",
  JSONSchemaURL: "string",
};

type Options = Record<string, string | string[] | true>;
type FieldRow = [name: string, number: number, type: string, options?: Options];

interface GoPackage {
  readonly structs: Map<string, { fields: GoField[]; markers: string[] }>;
  readonly aliases: Map<string, string>;
  readonly enums: Map<string, string[]>;
}
interface GoField {
  readonly type: string;
  readonly tag: string;
  readonly markers: string[];
}

function parsePackage(dir: string): GoPackage {
  const out: GoPackage = { structs: new Map(), aliases: new Map(), enums: new Map() };
  const enumTypes = new Set<string>();
  for (const file of readdirSync(dir).filter(
    (f) => f.endsWith(".go") && !f.startsWith("zz_") && !f.includes("generated") && !f.endsWith("_test.go"),
  )) {
    parseFile(readFileSync(join(dir, file), "utf8").split("\n"), out, enumTypes);
  }
  for (const name of [...out.enums.keys()]) if (!enumTypes.has(name)) out.enums.delete(name);
  return out;
}

function parseFile(lines: readonly string[], out: GoPackage, enumTypes: Set<string>): void {
  let markers: string[] = [];
  let current: { fields: GoField[]; markers: string[] } | undefined;
  for (const line of lines) {
    const text = line.trim();
    if (text.startsWith("//")) {
      const marker = /^\/\/\s*\+(.+)$/.exec(text);
      if (marker) markers.push(marker[1] as string);
      continue;
    }
    if (current === undefined) {
      const struct = /^type (\w+) struct\s*\{(\})?$/.exec(text);
      const alias = /^type (\w+) (=\s*)?([\w.[\]]+)$/.exec(text);
      const constant = /^\w+\s+(\w+)\s*=\s*"([^"]*)"/.exec(text);
      if (struct) {
        const entry = { fields: [] as GoField[], markers };
        out.structs.set(struct[1] as string, entry);
        if (struct[2] === undefined) current = entry;
      } else if (alias) {
        out.aliases.set(alias[1] as string, alias[3] as string);
        if (markers.includes("enum")) enumTypes.add(alias[1] as string);
      } else if (constant && constant[1] !== undefined && constant[2] !== undefined) {
        const list = out.enums.get(constant[1]) ?? [];
        list.push(constant[2]);
        out.enums.set(constant[1], list);
      }
      if (text !== "") markers = [];
      continue;
    }
    if (text === "}") {
      current = undefined;
      markers = [];
      continue;
    }
    const field = /^(?:(\w+)\s+)?([*\w.[\]]+)\s+`([^`]*)`/.exec(text);
    if (field) current.fields.push({ type: field[2] as string, tag: field[3] as string, markers });
    if (text !== "") markers = [];
  }
}

const IMPORTS: Readonly<Record<string, string>> = {
  metav1: "meta/v1",
  v1: "core/v1",
  corev1: "core/v1",
  apiv1: "core/v1",
  rbacv1: "rbac/v1",
  authenticationv1: "authentication/v1",
};

class Generator {
  readonly packages: ReadonlyMap<string, GoPackage>;
  readonly types: Record<string, FieldRow[]> = {};
  readonly enums: Record<string, string[]> = {};
  readonly atomic: string[] = [];

  constructor(packages: ReadonlyMap<string, GoPackage>) {
    this.packages = packages;
  }

  struct(key: string): void {
    if (this.types[key] !== undefined) return;
    const [pkg, name] = split(key);
    const found = this.packages.get(pkg)?.structs.get(name);
    if (!found) throw new Error(`no struct ${key}`);
    const rows: FieldRow[] = [];
    this.types[key] = rows;
    if (found.markers.includes("structType=atomic") || found.markers.includes("mapType=atomic")) this.atomic.push(key);
    for (const field of found.fields) {
      const json = /json:"([^"]*)"/.exec(field.tag)?.[1] ?? "";
      const [jsonName = "", ...flags] = json.split(",");
      if (jsonName === "-") continue;
      const number = Number(/protobuf:"\w+,(\d+)/.exec(field.tag)?.[1] ?? 0);
      if (/TypeMeta$/.test(field.type) && flags.includes("inline")) continue;
      const type = this.type(pkg, field.type.replace(/^\*/, ""));
      const options: Options = {};
      if (flags.includes("inline")) options["inline"] = true;
      else if (!flags.includes("omitempty") && !flags.includes("omitzero") && !field.markers.includes("optional"))
        options["required"] = true;
      if (field.type.startsWith("*")) options["pointer"] = true;
      for (const marker of field.markers) {
        const [k, v] = splitOnce(marker, "=");
        if (k === "listType" && v) options["listType"] = v;
        if (k === "listMapKey" && v) options["listMapKeys"] = [...((options["listMapKeys"] as string[]) ?? []), v];
        if ((k === "mapType" || k === "structType") && v === "atomic") options["mapType"] = v;
      }
      const strategy = /patchStrategy:"([^"]*)"/.exec(field.tag)?.[1];
      const mergeKey = /patchMergeKey:"([^"]*)"/.exec(field.tag)?.[1];
      if (strategy) options["patchStrategy"] = strategy;
      if (mergeKey) options["patchMergeKey"] = mergeKey;
      const enumName = this.enumOf(pkg, field.type.replace(/^[*[\]]+/, ""));
      if (enumName) options["enum"] = enumName;
      rows.push(Object.keys(options).length > 0 ? [jsonName, number, type, options] : [jsonName, number, type]);
    }
  }

  enumOf(pkg: string, type: string): string | undefined {
    const [p, name] = type.includes(".")
      ? [IMPORTS[type.split(".")[0] as string] ?? "", type.split(".")[1] as string]
      : [pkg, type];
    const values = this.packages.get(p)?.enums.get(name);
    if (!values) return undefined;
    const key = `${p}.${name}`;
    this.enums[key] = [...new Set(values)].sort();
    return key;
  }

  type(pkg: string, goType: string): string {
    const known = SCALARS[goType];
    if (known !== undefined && !(goType === "JSON" && pkg !== "apiextensions/v1")) return known;
    if (goType.startsWith("[]")) return `[]${this.type(pkg, goType.slice(2).replace(/^\*/, ""))}`;
    const map = /^map\[([\w.]+)\](.+)$/.exec(goType);
    if (map) return `{}${this.type(pkg, (map[2] as string).replace(/^\*/, ""))}`;
    const [p, name] = goType.includes(".")
      ? [IMPORTS[goType.split(".")[0] as string], goType.split(".")[1] as string]
      : [pkg, goType];
    if (p === undefined) throw new Error(`unknown import of ${goType} in ${pkg}`);
    const alias = this.packages.get(p)?.aliases.get(name);
    if (alias !== undefined) return this.type(p, alias);
    this.struct(`${p}.${name}`);
    return `${p}.${name}`;
  }
}

function split(key: string): [string, string] {
  const at = key.lastIndexOf(".");
  return [key.slice(0, at), key.slice(at + 1)];
}
function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function generate(root: string, version: string): string {
  const packages = new Map(
    Object.entries(PACKAGES).map(([key, path]) => [key, parsePackage(join(root, path.replace("@V", `@${version}`)))]),
  );
  const generator = new Generator(packages);
  for (const [key, pkg] of packages) {
    for (const [name, { fields }] of pkg.structs) {
      if (fields.some((f) => /TypeMeta$/.test(f.type)) && !/Internal|^List$|WatchEvent/.test(name))
        generator.struct(`${key}.${name}`);
    }
  }
  for (const extra of [
    "core/v1.PodTemplateSpec",
    "meta/v1.LabelSelector",
    "meta/v1.Status",
    "apiextensions/v1.JSONSchemaProps",
  ])
    generator.struct(extra);
  const lines = (o: Record<string, unknown>) =>
    Object.keys(o)
      .sort()
      .map((k) => `  ${JSON.stringify(k)}: ${JSON.stringify(o[k])}`)
      .join(",\n");
  return `{\n"kubernetes": ${JSON.stringify(version)},\n"atomic": ${JSON.stringify(generator.atomic.sort())},\n"enums": {\n${lines(generator.enums)}\n},\n"types": {\n${lines(generator.types)}\n}\n}\n`;
}

const [root, version] = process.argv.slice(2);
if (root === undefined || version === undefined) {
  console.error("usage: node tools/gen/builtin-types.ts FOLDER_WITH_THE_k8s.io_MODULES VERSION");
  process.exitCode = 2;
} else {
  writeFileSync(join(import.meta.dirname, "../../apimachinery/builtin/types.generated.json"), generate(root, version));
}
