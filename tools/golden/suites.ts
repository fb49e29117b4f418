import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createKube } from "@holdfast/embedded-kube/create-kube";

/** A server that a transcript is replayed against. */
export interface GoldenServer {
  readonly arguments: readonly string[];
  stop(): Promise<void>;
}

/** Starts an empty server for one transcript file. */
export type StartServer = (file: string) => Promise<GoldenServer>;

const TOKENS = 'admin-token,admin,u1,"system:masters"\nalice-token,alice,u2\nbob-token,bob,u3,"devs"\n';
const IDENTITIES = {
  default: { token: "admin-token" },
  admin: { token: "admin-token" },
  alice: { token: "alice-token" },
  bob: { token: "bob-token" },
};

/** suite -> how its server is started */
export const SUITES: Readonly<Record<string, StartServer>> = {
  // Recorded without a controller manager.
  "kube-crd": (file) => startKube(file, false),
  // Controllers were recorded with a controller manager and without a scheduler.
  "kube-core": (file) => startKube(file, basename(file).startsWith("controller-")),
};

async function startKube(file: string, controllers: boolean): Promise<GoldenServer> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-golden-"));
  const kube = await createKube({ tokenFile: TOKENS, controllers, scheduler: false });
  writeFileSync(join(folder, "ca.crt"), kube.caCert);
  writeFileSync(join(folder, "identities.json"), JSON.stringify(IDENTITIES));
  const hook = basename(file).startsWith("admission-") ? await startHook(folder, file) : undefined;
  return {
    arguments: [
      "--server",
      kube.server,
      "--ca",
      join(folder, "ca.crt"),
      "--identities",
      join(folder, "identities.json"),
      ...(hook?.variables ?? []),
    ],
    async stop() {
      hook?.process.kill();
      await kube.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The webhook that the admission transcripts call; it says on a file which variables stand for it. */
async function startHook(folder: string, file: string): Promise<{ process: ChildProcess; variables: string[] }> {
  const variables = join(folder, "variables");
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const script = join(file, "../admission-reviews/hook.mjs");
  const child = spawn(
    process.execPath,
    [script, "serve", "--port", String(port), "--vars", variables, "--log", join(folder, "reviews.log")],
    { stdio: "ignore" },
  );
  const until = Date.now() + 10_000;
  while (!existsSync(variables) || readFileSync(variables, "utf8").trim() === "") {
    if (Date.now() > until || child.exitCode !== null)
      throw new Error("the webhook of the admission transcripts did not start (does openssl exist?)");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { process: child, variables: readFileSync(variables, "utf8").trim().split(/\s+/) };
}
