/**
 * A number, or a share of `total`: `"25%"`.
 *
 * @param round - whether half a pod is one or none
 * @returns 0 for a missing or malformed value
 */
export function scaledValue(value: number | string | undefined, total: number, round: "up" | "down"): number {
  if (typeof value === "number") return value;
  const percent = /^(\d+)%$/.exec(value ?? "")?.[1];
  if (percent === undefined) return 0;
  const exact = (Number(percent) * total) / 100;
  return round === "up" ? Math.ceil(exact) : Math.floor(exact);
}
