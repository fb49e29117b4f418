// Which room may import which. Prevents: a lower layer that knows an upper one, two services that share code by importing each other,
// product code that leans on tests or tools.

/** Room -> rooms it may import. A part of a room may always import its own room, except where `isolated` says otherwise. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  contracts: ["base"],
  wire: ["base"],
  apimachinery: ["base"],
  domain: ["apimachinery", "contracts", "base"],
  runtime: ["apimachinery", "contracts", "base"],
  embedded: ["runtime", "wire", "apimachinery", "contracts", "base"],
  services: ["runtime", "wire", "domain", "apimachinery", "contracts", "base"],
  "apps/console": ["domain", "apimachinery", "contracts", "base"],
  "apps/cli": ["runtime", "domain", "apimachinery", "contracts", "base"],
  "apps/local": ["services", "embedded", "runtime", "contracts", "apimachinery", "base"],
};

/** Files that may import more, with the reason. */
const EXCEPTIONS: Readonly<Record<string, { readonly to: string; readonly why: string }>> = {
  "apps/cli/local-commands.ts": { to: "apps/local", why: "loads apps/local lazily for up, kube and run" },
};

/** Rooms whose code must run in a browser: no node: modules, no clock, no randomness, no environment. */
export const PURE_ROOMS: readonly string[] = ["base", "contracts", "domain", "apimachinery"];
/** Rooms that may use some node modules and nothing else of the machine. */
export const ALLOWED_NODE: Readonly<Record<string, readonly string[]>> = { wire: ["node:crypto"] };

/** The room of a file: `apps/cli` for apps, else the first folder; undefined for what is in no room (tests, tools, bench). */
export function roomOf(path: string): string | undefined {
  const [first = "", second = ""] = path.split("/");
  const room = first === "apps" ? `apps/${second}` : first;
  return Object.hasOwn(ARROWS, room) ? room : undefined;
}

/** The part of a room that stands alone: one service, one embedded default. */
function unitOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "services" || first === "embedded" || first === "apps" ? `${first}/${second}` : first;
}

/** Why `from` may not import `to` (both paths from the root of the repository); undefined when it may. */
export function forbiddenArrow(from: string, to: string): string | undefined {
  const room = roomOf(from);
  if (room === undefined) return undefined;
  const target = roomOf(to);
  if (target === undefined) return `${room} must not import ${to.split("/")[0]}: nothing imports tests, bench, tools`;
  if (unitOf(from) === unitOf(to)) return undefined;
  if (EXCEPTIONS[from]?.to === target) return undefined;
  const allowed = ARROWS[room] ?? [];
  if (allowed.includes(target) && room !== target) return undefined;
  if (room === target)
    return `${unitOf(from)} must not import ${unitOf(to)}: parts of ${room} share shapes, decisions and mechanisms, never code`;
  return `${room} must not import ${target}: it may import ${allowed.length === 0 ? "nothing" : allowed.join(", ")}`;
}
