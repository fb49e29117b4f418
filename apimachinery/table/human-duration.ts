// How old something is, in the words of kubectl (k8s.io/apimachinery/pkg/util/duration).

/**
 * A duration for people: `45s`, `5m10s`, `3h2m`, `2d3h`, `45d`, `1y20d`.
 *
 * @param ms - milliseconds; `<invalid>` when they are more than two seconds in the future, `0s` when a little
 */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.floor(hours / 24 / 365);
  if (hours < 24 * 365 * 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}

/** Age of an RFC 3339 time at `nowMs`; `<unknown>` without a time, `<invalid>` for what is none. */
export function ageOf(time: unknown, nowMs: number): string {
  if (time === undefined || time === null || time === "") return "<unknown>";
  const at = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? "<invalid>" : humanDuration(nowMs - at);
}
