// Metrics in the text format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/

/** A metric, declared in the one table of its service. */
export interface MetricSpec {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Label name -> every value it may have; anything else is counted under `other`, so cardinality is bounded. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Histogram only: upper bounds, ascending, in the metric's unit. */
  readonly buckets?: readonly number[];
}

export type MetricTable = Readonly<Record<string, MetricSpec>>;
type Labels = Readonly<Record<string, string>>;

interface Series {
  value: number;
  counts?: number[];
  sum: number;
}

/** The values of a table. Counters of every label combination exist from the start, so that a rate has a zero to begin at. */
export class Metrics<T extends MetricTable> {
  readonly #table: T;
  readonly #series = new Map<string, Map<string, Series>>();

  constructor(table: T) {
    this.#table = table;
    for (const [name, spec] of Object.entries(table)) {
      this.#series.set(name, new Map());
      if (spec.type !== "gauge")
        for (const labels of combinations(spec.labels ?? {})) this.#at(name as keyof T & string, labels);
    }
  }

  add(name: keyof T & string, labels: Labels = {}, by = 1): void {
    this.#at(name, labels).value += by;
  }

  set(name: keyof T & string, value: number, labels: Labels = {}): void {
    this.#at(name, labels).value = value;
  }

  observe(name: keyof T & string, value: number, labels: Labels = {}): void {
    const series = this.#at(name, labels);
    const buckets = (this.#table[name] as MetricSpec).buckets ?? [];
    series.counts ??= buckets.map(() => 0);
    for (const [i, bound] of buckets.entries()) if (value <= bound) series.counts[i] = (series.counts[i] as number) + 1;
    series.value++;
    series.sum += value;
  }

  /** The present value of a counter or gauge, the count of a histogram. */
  get(name: keyof T & string, labels: Labels = {}): number {
    return this.#series.get(name)?.get(keyOf(labels))?.value ?? 0;
  }

  /** Everything, in text format 0.0.4. */
  print(): string {
    const lines: string[] = [];
    for (const [name, spec] of Object.entries(this.#table)) {
      lines.push(
        `# HELP ${name} ${spec.help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}`,
        `# TYPE ${name} ${spec.type}`,
      );
      for (const [key, series] of this.#series.get(name) ?? []) {
        if (spec.type !== "histogram") {
          lines.push(`${name}${braces(key)} ${series.value}`);
          continue;
        }
        for (const [i, bound] of (spec.buckets ?? []).entries())
          lines.push(`${name}_bucket${braces(join(key, `le="${bound}"`))} ${series.counts?.[i] ?? 0}`);
        lines.push(
          `${name}_bucket${braces(join(key, 'le="+Inf"'))} ${series.value}`,
          `${name}_sum${braces(key)} ${series.sum}`,
          `${name}_count${braces(key)} ${series.value}`,
        );
      }
    }
    return `${lines.join("\n")}\n`;
  }

  #at(name: keyof T & string, labels: Labels): Series {
    const spec = this.#table[name] as MetricSpec;
    const bounded: Record<string, string> = {};
    for (const [label, values] of Object.entries(spec.labels ?? {})) {
      const value = labels[label] ?? "";
      bounded[label] = values.includes(value) ? value : "other";
    }
    const key = keyOf(bounded);
    const all = this.#series.get(name) as Map<string, Series>;
    let series = all.get(key);
    if (series === undefined) {
      series = { value: 0, sum: 0 };
      all.set(key, series);
    }
    return series;
  }
}

function* combinations(labels: Readonly<Record<string, readonly string[]>>): Generator<Labels> {
  const names = Object.keys(labels);
  const walk = function* (at: number, chosen: Record<string, string>): Generator<Labels> {
    const name = names[at];
    if (name === undefined) {
      yield { ...chosen };
      return;
    }
    for (const value of labels[name] ?? []) yield* walk(at + 1, { ...chosen, [name]: value });
  };
  yield* walk(0, {});
}

function keyOf(labels: Labels): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}="${v.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`)
    .join(",");
}

function braces(key: string): string {
  return key === "" ? "" : `{${key}}`;
}

function join(a: string, b: string): string {
  return a === "" ? b : `${a},${b}`;
}
