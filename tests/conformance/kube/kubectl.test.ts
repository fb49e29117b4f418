import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import { type ToolName, tool } from "../../tools/client-tools.ts";
import { everydayWork } from "./everyday-work.ts";

const VERSIONS: readonly ToolName[] = ["kubectl-1.31", "kubectl-1.32", "kubectl-1.33", "kubectl-1.34", "kubectl-1.35"];

let kube: Kube;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-kubectl-"));
  kube = await createKube({ dataDir: join(folder, "data") });
  writeFileSync(join(folder, "kubeconfig"), kube.kubeconfig);
});
after(async () => {
  await kube.stop();
  rmSync(folder, { recursive: true, force: true });
});

for (const version of VERSIONS) {
  test(`everyday work through ${version}`, async () => {
    const own = mkdtempSync(join(folder, "run-"));
    await everydayWork({
      kubectl: tool(version),
      kubeconfig: join(folder, "kubeconfig"),
      folder: own,
      name: version.replace(/\W/g, "-"),
    });
  });
}
