const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes of a size such as `512`, `64KiB`, `1.5GiB`; undefined for what is none or no whole number of bytes. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)(B|KiB|MiB|GiB|TiB)?$/.exec(text);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * 1024 ** UNITS.indexOf((match[2] ?? "B") as "B");
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size for people: `64 KiB`, `1.5 GiB`. */
export function printByteSize(bytes: number): string {
  let at = 0;
  let value = bytes;
  while (value >= 1024 && at < UNITS.length - 1) {
    value /= 1024;
    at++;
  }
  return `${Number(value.toFixed(1))} ${UNITS[at]}`;
}
