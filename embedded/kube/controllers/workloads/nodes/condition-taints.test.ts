import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Taint } from "../acting/object-types.ts";
import { decideConditionTaints } from "./condition-taints.ts";

const NOW = "2026-01-01T00:00:00Z";
const noSchedule = (key: string): Taint => ({ key: `node.kubernetes.io/${key}`, effect: "NoSchedule" });

function node(conditions: readonly string[], taints: readonly Taint[] = [], unschedulable = false): Node {
  return {
    kind: "Node",
    apiVersion: "v1",
    metadata: { name: "n" },
    spec: { taints, unschedulable },
    status: {
      conditions: conditions.map((text) => {
        const [type = "", status = ""] = text.split("=");
        return { type, status };
      }),
    },
  };
}

test("decideConditionTaints() says every condition that matters, and nothing that is over", () => {
  const own: Taint = { key: "dedicated", value: "db", effect: "NoSchedule" };
  const rows: readonly [Node, string[] | undefined][] = [
    [node([], [noSchedule("not-ready")]), undefined],
    [node(["Ready=True"], [noSchedule("not-ready"), own]), ["dedicated"]],
    [node(["Ready=True"], [own]), undefined],
    [node(["Ready=False"]), ["node.kubernetes.io/not-ready"]],
    [node(["Ready=False"], [noSchedule("not-ready")]), undefined],
    [node(["Ready=Unknown"], [noSchedule("not-ready")]), ["node.kubernetes.io/unreachable"]],
    [
      node(["Ready=True", "DiskPressure=True", "MemoryPressure=False"], [], true),
      ["node.kubernetes.io/disk-pressure", "node.kubernetes.io/unschedulable"],
    ],
  ];
  for (const [i, [given, expected]] of rows.entries()) {
    assert.deepEqual(
      decideConditionTaints(given, NOW)?.map(({ key }) => key),
      expected,
      `row ${i}`,
    );
  }
  assert.deepEqual(decideConditionTaints(node(["Ready=False"]), NOW), [{ ...noSchedule("not-ready"), timeAdded: NOW }]);
});
