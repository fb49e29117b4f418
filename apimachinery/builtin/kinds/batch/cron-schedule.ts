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
const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** The values that one field of a schedule allows. */
export interface CronField {
  readonly values: ReadonlySet<number>;
  /** It is `*` or `?`, perhaps with a step: it restricts no day by itself. */
  readonly star: boolean;
}

/** A schedule that was read. */
export type CronSchedule =
  /** Minute, hour, day of the month, month, day of the week (0 is Sunday). */
  | { readonly fields: readonly [CronField, CronField, CronField, CronField, CronField] }
  /** `@every`: the time between two starts, in whole seconds and at least one. */
  | { readonly everyMs: number };

/** Reads a schedule. @returns what is wrong with it, when something is */
export function parseCronSchedule(schedule: string): CronSchedule | string {
  if (schedule === "") return "empty spec string";
  if (schedule.startsWith("@every ")) return parseEvery(schedule);
  if (schedule.startsWith("@") && !Object.hasOwn(MACROS, schedule)) return `unrecognized descriptor: ${schedule}`;
  const texts = (MACROS[schedule] ?? schedule).split(/\s+/).filter((field) => field !== "");
  if (texts.length !== 5) return `expected exactly 5 fields, found ${texts.length}: [${texts.join(" ")}]`;
  const fields: CronField[] = [];
  for (const [i, text] of texts.entries()) {
    const field = parseField(text, FIELDS[i] as Bounds);
    if (typeof field === "string") return field;
    fields.push(field);
  }
  return { fields: fields as unknown as Extract<CronSchedule, { fields: unknown }>["fields"] };
}

/** What is wrong with a schedule; undefined when nothing is. */
export function scheduleProblem(schedule: string): string | undefined {
  const parsed = parseCronSchedule(schedule);
  return typeof parsed === "string" ? parsed : undefined;
}

function parseEvery(schedule: string): CronSchedule | string {
  const duration = schedule.slice("@every ".length);
  if (!/^(?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+$/.test(duration))
    return `failed to parse duration ${schedule}: time: invalid duration "${duration}"`;
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/([0-9]+(?:\.[0-9]*)?)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (UNITS_MS[unit as string] as number);
  return { everyMs: Math.max(1000, Math.floor(total / 1000) * 1000) };
}

function parseField(text: string, bounds: Bounds): CronField | string {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(",")) {
    if (part === "") continue;
    const range = parseRange(part, bounds);
    if (typeof range === "string") return range;
    star ||= range.star;
    for (let value = range.start; value <= range.end; value += range.step) values.add(value);
  }
  return { values, star };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly star: boolean;
}

function parseRange(expression: string, bounds: Bounds): Range | string {
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
  if (step === 0) return `step of range should be a positive number: ${expression}`;
  return { start, end, step, star: isStar };
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
