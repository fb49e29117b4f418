// When the jobs of a cron schedule are due: five fields, a macro, or `@every`. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
import { parseCronSchedule } from "@holdfast/apimachinery/builtin/kinds/batch/cron-schedule";

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
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
  const parsed = parseCronSchedule(text);
  if (typeof parsed === "string") return undefined;
  if ("everyMs" in parsed) return { next: (ms) => Math.floor(ms / 1000) * 1000 + parsed.everyMs };
  const [minutes, hours, days, months, weekdays] = parsed.fields;
  const clock = wallClock(timeZone);
  if (clock === undefined) return undefined;
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
