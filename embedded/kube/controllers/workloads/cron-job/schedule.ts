// Cron schedules: five fields, a macro, or `@every`. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTE: Field = { min: 0, max: 59 };
const HOUR: Field = { min: 0, max: 23 };
const DAY: Field = { min: 1, max: 31 };
const MONTH: Field = { min: 1, max: 12, names: MONTHS };
const WEEKDAY: Field = { min: 0, max: 6, names: DAYS };

const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A schedule like 30 February never comes: the search ends after five years. */
const SEARCH_MS = 5 * 366 * DAY_MS;

/** When a job is due. */
export interface Schedule {
  /** The first time after `ms` that the schedule names, in milliseconds since 1970; undefined when there is none within five years. */
  next(ms: number): number | undefined;
}

/**
 * Reads a schedule.
 *
 * @param timeZone - name of an IANA time zone. Default UTC.
 * @returns undefined when it cannot be read
 */
export function parseSchedule(text: string, timeZone = "UTC"): Schedule | undefined {
  if (text.startsWith("@every ")) return everyDuration(text.slice("@every ".length));
  const fields = (MACROS[text] ?? text).split(/\s+/).filter((field) => field !== "");
  const [minutes, hours, days, months, weekdays] = [MINUTE, HOUR, DAY, MONTH, WEEKDAY].map((field, i) =>
    parseField(fields[i] ?? "", field),
  );
  const clock = wallClock(timeZone);
  if (fields.length !== 5 || clock === undefined) return undefined;
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  const onDay = (wall: Wall) => {
    const [day, weekday] = [days.values.has(wall.day), weekdays.values.has(wall.weekday)];
    // Of two restrictions on the day one is enough; a star restricts nothing.
    return days.star || weekdays.star ? day && weekday : day || weekday;
  };
  return {
    next(ms) {
      let at = (Math.floor(ms / MINUTE_MS) + 1) * MINUTE_MS;
      const end = ms + SEARCH_MS;
      while (at <= end) {
        const wall = clock(at);
        if (!months.values.has(wall.month) || !onDay(wall)) at = nextDay(at, wall, clock);
        else if (!hours.values.has(wall.hour)) at += (60 - wall.minute) * MINUTE_MS;
        else if (!minutes.values.has(wall.minute)) at += MINUTE_MS;
        else return at;
      }
      return undefined;
    },
  };
}

interface Values {
  readonly values: ReadonlySet<number>;
  /** The field is `*` or `?`, perhaps with a step. */
  readonly star: boolean;
}

function parseField(text: string, field: Field): Values | undefined {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(",")) {
    if (part === "") continue;
    const [range = "", stepText, ...more] = part.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (more.length > 0 || !Number.isInteger(step) || step < 1) return undefined;
    const isStar = range === "*" || range === "?";
    star ||= isStar;
    const [lowText = "", highText, ...rest] = range.split("-");
    const low = isStar ? field.min : numberOf(lowText, field);
    const high =
      isStar || (highText === undefined && stepText !== undefined) ? field.max : numberOf(highText ?? lowText, field);
    if (rest.length > 0 || low === undefined || high === undefined || low > high) return undefined;
    for (let value = low; value <= high; value += step) values.add(value);
  }
  return values.size === 0 ? undefined : { values, star };
}

function numberOf(text: string, { min, max, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + min;
  if (!/^\+?\d{1,9}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: MINUTE_MS,
  h: HOUR_MS,
};

function everyDuration(text: string): Schedule | undefined {
  if (!/^(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (UNITS_MS[unit as string] as number);
  const delay = Math.max(1000, Math.floor(total / 1000) * 1000);
  return { next: (ms) => Math.floor(ms / 1000) * 1000 + delay };
}

interface Wall {
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

type Clock = (ms: number) => Wall;

/** What clocks on the wall of a time zone show. */
function wallClock(timeZone: string): Clock | undefined {
  if (timeZone === "UTC") {
    return (ms) => {
      const date = new Date(ms);
      return {
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        weekday: date.getUTCDay(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
      };
    };
  }
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      month: "numeric",
      day: "numeric",
      weekday: "short",
      hour: "numeric",
      minute: "numeric",
    });
  } catch {
    return undefined;
  }
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const number = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
    return {
      month: number("month"),
      day: number("day"),
      weekday: DAYS.indexOf((parts.get("weekday") ?? "").toLowerCase()),
      hour: number("hour"),
      minute: number("minute"),
    };
  };
}

/** The first minute of the next day; days are longer or shorter where clocks are changed. */
function nextDay(at: number, wall: Wall, clock: Clock): number {
  let next = at + DAY_MS - wall.hour * HOUR_MS - wall.minute * MINUTE_MS;
  const landed = clock(next);
  if (landed.day === wall.day) next += DAY_MS - landed.hour * HOUR_MS - landed.minute * MINUTE_MS;
  else if (landed.hour > 0 || landed.minute > 0) {
    const back = next - landed.hour * HOUR_MS - landed.minute * MINUTE_MS;
    if (clock(back).day === landed.day) next = back;
  }
  return next;
}
