// Schedules of cron jobs: five fields, or a macro. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];
const MACROS: ReadonlySet<string> = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);

/** What is wrong with a schedule; undefined when nothing is. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === "") return "empty spec string";
  if (schedule.startsWith("@")) return macroProblem(schedule);
  const fields = schedule.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`;
  for (const [i, field] of fields.entries()) {
    for (const part of field.split(",")) {
      const problem = part === "" ? undefined : rangeProblem(part, FIELDS[i] as Bounds);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function macroProblem(schedule: string): string | undefined {
  if (MACROS.has(schedule)) return undefined;
  if (schedule.startsWith("@every ")) {
    const duration = schedule.slice("@every ".length);
    if (/^(?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+$/.test(duration)) return undefined;
    return `failed to parse duration ${schedule}: time: invalid duration "${duration}"`;
  }
  return `unrecognized descriptor: ${schedule}`;
}

function rangeProblem(expression: string, bounds: Bounds): string | undefined {
  const [range = "", ...steps] = expression.split("/");
  const [low = "", ...highs] = range.split("-");
  if (highs.length > 1) return `too many hyphens: ${expression}`;
  if (steps.length > 1) return `too many slashes: ${expression}`;
  const isStar = low === "*" || low === "?";
  const start = isStar ? bounds.min : numberOf(low, bounds);
  if (typeof start === "string") return start;
  let end: number | string = start;
  if (isStar) end = bounds.max;
  else if (highs.length === 1) end = numberOf(highs[0] as string, bounds);
  else if (steps.length === 1) end = bounds.max;
  if (typeof end === "string") return end;
  let step = 1;
  if (steps.length === 1) {
    const parsed = numberOf(steps[0] as string, { min: 0, max: 0 });
    if (typeof parsed === "string") return parsed;
    step = parsed;
  }
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${expression}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${expression}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
  return step === 0 ? `step of range should be a positive number: ${expression}` : undefined;
}

function numberOf(text: string, bounds: Bounds): number | string {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + (bounds.names === MONTHS ? 1 : 0);
  if (!/^[+-]?[0-9]{1,18}$/.test(text)) {
    return `failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`;
  }
  const value = Number(text);
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}

/** What is wrong with a time zone; undefined when it is known. */
export function timeZoneProblem(zone: string): string | undefined {
  if (zone === "") return "timeZone must be nil or non-empty string";
  if (zone.toLowerCase() === "local") {
    return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
  }
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return undefined;
  } catch {
    return `unknown time zone ${zone}`;
  }
}
