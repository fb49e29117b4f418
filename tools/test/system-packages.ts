// What tests need from the system: installed when this process may, named in one line otherwise.
import { spawnSync } from "node:child_process";

/** Command -> Debian package that brings it, and what it is for. */
const NEEDED: readonly { readonly command: string; readonly package: string; readonly why: string }[] = [
  { command: "openssl", package: "openssl", why: "certificates of the webhook that the admission transcripts call" },
  { command: "tar", package: "tar", why: "unpacking kubectl and Helm" },
  { command: "git", package: "git", why: "the list of the repository's files" },
];

function has(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" }).status === 0;
}

/** Installs what is missing. @returns what is still missing, as one sentence; undefined when everything is there */
export function ensureSystemPackages(): string | undefined {
  const missing = NEEDED.filter(({ command }) => !has(command));
  if (missing.length === 0) return undefined;
  const packages = missing.map((m) => m.package);
  const prefix =
    process.getuid?.() === 0
      ? []
      : has("sudo") && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0
        ? ["sudo", "-n"]
        : undefined;
  if (prefix !== undefined && has("apt-get")) {
    process.stdout.write(`installing ${packages.join(", ")}\n`);
    const run = (args: string[]) =>
      spawnSync([...prefix, ...args][0] as string, [...prefix, ...args].slice(1), { stdio: "inherit" });
    run(["apt-get", "update", "-q"]);
    run(["apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages]);
  }
  const still = missing.filter(({ command }) => !has(command));
  if (still.length === 0) return undefined;
  return `The tests need ${still.map((m) => `${m.command} (${m.why})`).join(" and ")}: install the package${still.length > 1 ? "s" : ""} ${still.map((m) => m.package).join(" ")}.`;
}
