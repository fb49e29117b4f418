import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { StatusError } from "../meta/status-error.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { FieldSet } from "./field-set.ts";
import { updateManagedFields } from "./managed-fields.ts";
import { applyConfiguration } from "./server-side-apply.ts";

describe("applyConfiguration() and updateManagedFields()", () => {
  it("agrees with the field manager of k8s.io/apimachinery 1.34 on recorded writes", () => {
    const [head, ...lines] = readFileSync(new URL("testdata/field-manager.jsonl", import.meta.url), "utf8")
      .trim()
      .split("\n");
    const { schema } = JSON.parse(head as string) as { schema: JsonSchema };
    const time = "2030-01-01T00:00:00Z";
    assert.ok(lines.length > 100);
    for (const line of lines) {
      const { op, live, next, manager, force, sub, reset, want } = JSON.parse(line);
      const input = {
        live,
        manager,
        apiVersion: "example.io/v1",
        schema,
        now: time,
        ...(sub === undefined ? {} : { subresource: sub }),
        ...(reset === undefined ? {} : { resetFields: FieldSet.ofFields(...reset.map((name: string) => [name])) }),
      };
      let got: unknown;
      try {
        if (op === "apply") {
          got = applyConfiguration({ ...input, config: next, force, kind: "Thing" }).object;
        } else {
          const managedFields = updateManagedFields({ ...input, next });
          const { managedFields: _, ...metadata } = next.metadata;
          got = { ...next, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } };
        }
      } catch (error) {
        assert.ok(error instanceof StatusError, String(error));
        const causes = error.status.details?.causes?.map((c) => `${c.message}|${c.field}`).sort();
        if (want.causes !== undefined) assert.deepEqual(causes, want.causes, line);
        if (want.error !== undefined) assert.equal(error.message, want.error, line);
        continue;
      }
      const expected = JSON.parse(JSON.stringify(want.object).replaceAll('"NOW"', JSON.stringify(time)));
      assert.deepEqual(got, { ...expected, metadata: expected.metadata ?? {} }, line);
    }
  });
});
