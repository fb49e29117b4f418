import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../meta/status-error.ts";
import type { JsonObject, KubeObject } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { updateManagedFields } from "./managed-fields.ts";
import { applyConfiguration } from "./server-side-apply.ts";

const schema: JsonSchema = {
  type: "object",
  properties: { data: { type: "object", additionalProperties: { type: "string" } } },
};
const apiVersion = "v1";

interface Model {
  readonly values: Map<string, string>;
  readonly owners: Map<string, Set<string>>;
}

/** Server-side apply of a flat map in a few lines: the truth the implementation is compared with. */
function modelApply(model: Model, manager: string, config: Map<string, string>, force: boolean): string[] {
  const conflicts: string[] = [];
  for (const [key, value] of config) {
    if (!model.values.has(key) || model.values.get(key) === value) continue;
    for (const [other, keys] of model.owners) {
      if (other === manager || !keys.has(key)) continue;
      if (!force) conflicts.push(key);
    }
  }
  if (conflicts.length > 0) return conflicts;
  modelWrite(model, manager, config);
  const before = model.owners.get(manager) ?? new Set();
  model.owners.set(manager, new Set(config.keys()));
  for (const key of before) {
    if (![...model.owners.values()].some((keys) => keys.has(key))) model.values.delete(key);
  }
  return [];
}

function modelWrite(model: Model, manager: string, values: Map<string, string>): void {
  for (const [key, value] of values) {
    if (model.values.get(key) === value) continue;
    for (const [other, keys] of model.owners) if (other !== manager) keys.delete(key);
    model.values.set(key, value);
  }
}

function modelUpdate(model: Model, manager: string, values: Map<string, string>): void {
  const changed = [...values].filter(([key, value]) => model.values.get(key) !== value);
  modelWrite(model, "", new Map(changed));
  if (changed.length === 0) return;
  const id = `update ${manager}`;
  const own = model.owners.get(id) ?? new Set();
  for (const [key] of changed) own.add(key);
  model.owners.set(id, own);
}

const key = fc.constantFrom("a", "b", "c", "d");
const data = fc
  .uniqueArray(fc.tuple(key, fc.constantFrom("1", "2")), { selector: ([k]) => k, maxLength: 4 })
  .map((pairs) => new Map(pairs));
const step = fc.record({
  manager: fc.constantFrom("anna", "bert", "carl"),
  op: fc.constantFrom("apply", "force", "update"),
  data,
});

function object(values: Map<string, string>): KubeObject {
  return {
    apiVersion,
    kind: "ConfigMap",
    metadata: { name: "c" },
    ...(values.size === 0 ? {} : { data: Object.fromEntries(values) }),
  };
}

function ownersOf(live: KubeObject): Record<string, string[]> {
  const entries = (live.metadata.managedFields ?? []).map((entry): [string, string[]] => {
    const fields = Object.keys((entry.fieldsV1?.["f:data"] ?? {}) as JsonObject).filter((f) => f !== ".");
    return [
      entry.operation === "Update" ? `update ${entry.manager}` : (entry.manager as string),
      fields.map((f) => f.slice(2)).sort(),
    ];
  });
  return Object.fromEntries(entries.filter(([, keys]) => keys.length > 0));
}

const modelOwners = (model: Model) =>
  Object.fromEntries(
    [...model.owners]
      .map(([name, keys]): [string, string[]] => [name, [...keys].sort()])
      .filter(([, keys]) => keys.length > 0),
  );

const base = (live: KubeObject | undefined, manager: string) => ({
  live,
  manager,
  apiVersion,
  schema,
  now: "2024-01-01T00:00:00Z",
});

describe("applyConfiguration()", () => {
  it("agrees with the rules of server-side apply on a flat map, whatever is applied and updated", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const model: Model = { values: new Map(), owners: new Map() };
        let live = applyConfiguration({
          ...base(undefined, "start"),
          config: object(new Map([["z", "0"]])),
          force: false,
        }).object;
        live.metadata.uid = "u";
        modelApply(model, "start", new Map([["z", "0"]]), false);
        for (const { manager, op, data: values } of steps) {
          if (op === "update") {
            const next = { ...live, data: { ...(live["data"] as JsonObject), ...Object.fromEntries(values) } };
            const managedFields = updateManagedFields({ ...base(live, manager), next });
            live = { ...next, metadata: { ...next.metadata, managedFields } };
            modelUpdate(model, manager, values);
          } else {
            const conflicts = modelApply(model, manager, values, op === "force");
            try {
              live = applyConfiguration({
                ...base(live, manager),
                config: object(values),
                force: op === "force",
              }).object;
              assert.deepEqual(conflicts, []);
            } catch (error) {
              assert.ok(error instanceof StatusError, String(error));
              assert.deepEqual(
                error.status.details?.causes?.map((c) => c.field).sort(),
                conflicts.map((k) => `.data.${k}`).sort(),
              );
            }
          }
          assert.deepEqual(live["data"], Object.fromEntries(model.values));
          assert.deepEqual(ownersOf(live), modelOwners(model));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is idempotent and, without force, leaves every other manager its fields and their values", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 6 }),
        fc.tuple(fc.constantFrom("anna", "dora"), data),
        (steps, [manager, values]) => {
          let live: KubeObject | undefined;
          for (const s of steps) {
            live = applyConfiguration({ ...base(live, s.manager), config: object(s.data), force: true }).object;
            live.metadata.uid = "u";
          }
          const before = live;
          let once: KubeObject;
          try {
            once = applyConfiguration({ ...base(before, manager), config: object(values), force: false }).object;
          } catch (error) {
            assert.ok(error instanceof StatusError && error.httpCode === 409);
            return;
          }
          const twice = applyConfiguration({
            ...base(once, manager),
            now: "2030-01-01T00:00:00Z",
            config: object(values),
            force: false,
          });
          assert.deepEqual(twice.object, once);
          for (const [other, keys] of Object.entries(before === undefined ? {} : ownersOf(before))) {
            if (other === manager) continue;
            assert.deepEqual(ownersOf(once)[other], keys);
            for (const k of keys)
              assert.equal((once["data"] as JsonObject)[k], ((before as KubeObject)["data"] as JsonObject)[k]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
