import assert from "node:assert/strict";
import { test } from "node:test";
import { Metrics } from "./metrics.ts";

test("counters begin at zero for every label value, unknown values count as other", () => {
  const metrics = new Metrics({ t_total: { type: "counter", help: "Things.", labels: { kind: ["a", "b"] } } });
  metrics.add("t_total", { kind: "a" }, 2);
  metrics.add("t_total", { kind: "from outside" });
  assert.equal(
    metrics.print(),
    '# HELP t_total Things.\n# TYPE t_total counter\nt_total{kind="a"} 2\nt_total{kind="b"} 0\nt_total{kind="other"} 1\n',
  );
  assert.equal(metrics.get("t_total", { kind: "a" }), 2);
});

test("a histogram counts into every bucket that holds the value", () => {
  const metrics = new Metrics({ t_seconds: { type: "histogram", help: "Time.", buckets: [0.1, 1] } });
  metrics.observe("t_seconds", 0.05);
  metrics.observe("t_seconds", 5);
  assert.equal(
    metrics.print(),
    '# HELP t_seconds Time.\n# TYPE t_seconds histogram\nt_seconds_bucket{le="0.1"} 1\nt_seconds_bucket{le="1"} 1\nt_seconds_bucket{le="+Inf"} 2\nt_seconds_sum 5.05\nt_seconds_count 2\n',
  );
});

test("a gauge is what was set last", () => {
  const metrics = new Metrics({ t_now: { type: "gauge", help: "Now." } });
  metrics.set("t_now", 4);
  metrics.set("t_now", 3);
  assert.equal(metrics.print(), "# HELP t_now Now.\n# TYPE t_now gauge\nt_now 3\n");
});
