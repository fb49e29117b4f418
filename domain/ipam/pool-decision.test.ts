import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import type { Decision } from "../decision.ts";
import { allocation, pool, provider } from "../testdata/builders.ts";
import { intervalText } from "./ipv4.ts";
import { allocatableIntervals } from "./pool-addresses.ts";
import { decidePool, type PoolFacts } from "./pool-decision.ts";

type More = Partial<PoolFacts>;

function create(object: NetworkPool, more: More = {}): Decision {
  return decidePool({ operation: "CREATE", object, allocations: [], pools: [], providerConfigs: [], ...more });
}

function update(oldObject: NetworkPool, object: NetworkPool, more: More = {}): Decision {
  return create(object, { operation: "UPDATE", oldObject, ...more });
}

function messageOf(decision: Decision): string {
  return decision.allowed ? "allowed" : decision.message;
}

const ranges = (...pairs: (readonly [string, string])[]) => ({
  tenantAllocation: { ranges: pairs.map(([start, end]) => ({ start, end })) },
});

describe("the spec of a NetworkPool", () => {
  const rows: { name: string; object: NetworkPool; message: string }[] = [
    {
      name: "a reserved part outside of the block",
      object: pool("p", "10.0.0.0/24", { reserved: [{ cidr: "10.0.1.0/28" }] }),
      message: 'spec: Invalid value: "10.0.0.0/24": reserved CIDR "10.0.1.0/28" is not within pool CIDR "10.0.0.0/24"',
    },
    {
      name: "a block that is none",
      object: pool("p", "10.0.0.0/33", ranges(["x", "y"])),
      message: 'spec: Invalid value: "10.0.0.0/33": invalid pool CIDR: invalid CIDR address: 10.0.0.0/33',
    },
    {
      name: "a reserved part that is none",
      object: pool("p", "10.0.0.0/24", { reserved: [{ cidr: "10.0.0.300/28" }] }),
      message:
        'spec: Invalid value: "10.0.0.0/24": invalid reserved CIDR "10.0.0.300/28": invalid CIDR address: 10.0.0.300/28',
    },
    {
      name: "a start that is no address",
      object: pool("p", "10.0.0.0/24", ranges(["10.0.0.x", "10.0.0.9"])),
      message: 'spec: Invalid value: "10.0.0.0/24": ranges[0].start "10.0.0.x" is not a valid IPv4 address',
    },
    {
      name: "an end that is no address",
      object: pool("p", "10.0.0.0/24", ranges(["10.0.0.1", "fe80::1"])),
      message: 'spec: Invalid value: "10.0.0.0/24": ranges[0].end "fe80::1" is not a valid IPv4 address',
    },
    {
      name: "a range that runs backwards",
      object: pool("p", "10.0.0.0/24", ranges(["10.0.0.9", "10.0.0.1"])),
      message: 'spec: Invalid value: "10.0.0.0/24": ranges[0] start 10.0.0.9 is after end 10.0.0.1',
    },
    {
      name: "a range outside of the block",
      object: pool("p", "10.0.0.0/24", ranges(["10.0.0.9", "10.0.1.1"])),
      message: 'spec: Invalid value: "10.0.0.0/24": ranges[0] (10.0.0.9-10.0.1.1) falls outside pool CIDR 10.0.0.0/24',
    },
    {
      name: "ranges that overlap or are out of order",
      object: pool("p", "10.0.0.0/24", ranges(["10.0.0.10", "10.0.0.20"], ["10.0.0.20", "10.0.0.30"])),
      message:
        'spec: Invalid value: "10.0.0.0/24": ranges must be sorted by start IP and non-overlapping; ranges[1].start (10.0.0.20) must be greater than ranges[0].end (10.0.0.20)',
    },
    {
      name: "a reserved part across the edge of a range",
      object: pool("p", "10.0.0.0/24", { ...ranges(["10.0.0.4", "10.0.0.20"]), reserved: [{ cidr: "10.0.0.0/29" }] }),
      message:
        'spec: Invalid value: "10.0.0.0/24": reserved CIDR 10.0.0.0/29 straddles ranges[0] boundary (10.0.0.4-10.0.0.20)',
    },
    {
      name: "closed hole: one end of a range without the other",
      object: pool("p", "10.0.0.0/24", { tenantAllocation: { start: "10.0.0.4" } }),
      message: 'spec: Invalid value: "10.0.0.0/24": tenantAllocation.start is set without tenantAllocation.end',
    },
  ];
  for (const row of rows) {
    test(`${row.name} is refused`, () => assert.equal(messageOf(create(row.object)), row.message));
  }

  test("several faults are told at once", () => {
    const object = pool("p", "10.0.0.0/24", { reserved: [{ cidr: "10.1.0.0/28" }, { cidr: "10.2.0.0/28" }] });
    assert.equal(
      messageOf(create(object)),
      '[spec: Invalid value: "10.0.0.0/24": reserved CIDR "10.1.0.0/28" is not within pool CIDR "10.0.0.0/24", spec: Invalid value: "10.0.0.0/24": reserved CIDR "10.2.0.0/28" is not within pool CIDR "10.0.0.0/24"]',
    );
  });

  test("ranges and reserved parts in order are allowed", () => {
    const object = pool("p", "10.0.0.0/24", {
      ...ranges(["10.0.0.10", "10.0.0.20"], ["10.0.0.21", "10.0.0.30"]),
      reserved: [{ cidr: "10.0.0.12/30" }, { cidr: "10.0.0.0/29" }],
    });
    assert.deepEqual(create(object), { allowed: true, warnings: [], mutate: [] });
  });

  test("superseded fields are told", () => {
    const old = { start: "10.0.0.1", end: "10.0.0.9" };
    const alone = create(pool("p", "10.0.0.0/24", { tenantAllocation: old }));
    assert.deepEqual(alone.warnings, [
      "Start/End fields are deprecated; migrate to Ranges. Equivalent configuration:\n  tenantAllocation:\n    ranges:\n    - start: 10.0.0.1\n      end: 10.0.0.9",
    ]);
    const both = create(
      pool("p", "10.0.0.0/24", { tenantAllocation: { ...old, ...ranges(["10.0.0.1", "10.0.0.9"]).tenantAllocation } }),
    );
    assert.deepEqual(both.warnings, ["Start/End are ignored when Ranges is present; remove them"]);
  });
});

describe("the addresses of a pool", () => {
  const texts = (object: NetworkPool) => allocatableIntervals(object).map(intervalText);

  test("closed hole: network and broadcast address are never handed out, and a range that holds them is told", () => {
    assert.deepEqual(texts(pool("p", "10.0.0.0/29")), ["10.0.0.1-10.0.0.6"]);
    const explicit = pool("p", "10.0.0.0/29", ranges(["10.0.0.0", "10.0.0.7"]));
    assert.deepEqual(texts(explicit), ["10.0.0.1-10.0.0.6"]);
    assert.deepEqual(create(explicit).warnings, [
      "the network and broadcast address of 10.0.0.0/29 are in a range; they are never handed out",
    ]);
    assert.deepEqual(texts(pool("p", "10.0.0.0/31")), ["10.0.0.0-10.0.0.1"]);
  });

  test("reserved parts are left out", () => {
    assert.deepEqual(texts(pool("p", "10.0.0.0/28", { reserved: [{ cidr: "10.0.0.4/30" }] })), [
      "10.0.0.1-10.0.0.3",
      "10.0.0.8-10.0.0.14",
    ]);
  });

  test("closed hole: two pools do not hand out the same address", () => {
    const other = pool("other", "10.0.0.0/16", ranges(["10.0.0.20", "10.0.0.40"]));
    const object = pool("p", "10.0.0.0/24", ranges(["10.0.0.10", "10.0.0.29"]));
    assert.equal(
      messageOf(create(object, { pools: [object, other] })),
      'spec: Invalid value: "10.0.0.0/24": addresses 10.0.0.20-10.0.0.29 are also handed out by NetworkPool "other" in namespace "butler-system"',
    );
    const apart = pool("p", "10.0.0.0/24", ranges(["10.0.0.10", "10.0.0.19"]));
    assert.equal(create(apart, { pools: [other] }).allowed, true);
  });

  test("pools that overlapped before can be changed, but not be made to overlap more", () => {
    const other = pool("other", "10.0.0.0/24", ranges(["10.0.0.20", "10.0.0.40"]));
    const before = pool("p", "10.0.0.0/24", ranges(["10.0.0.10", "10.0.0.25"]));
    const less = pool("p", "10.0.0.0/24", ranges(["10.0.0.10", "10.0.0.22"]));
    const more = pool("p", "10.0.0.0/24", ranges(["10.0.0.10", "10.0.0.26"]));
    assert.equal(update(before, less, { pools: [other] }).allowed, true);
    assert.match(messageOf(update(before, more, { pools: [other] })), /addresses 10\.0\.0\.26 are also handed out/);
  });
});

describe("the change of a NetworkPool", () => {
  const held = allocation("a", "p", { phase: "Allocated", addresses: ["10.0.0.9", "10.0.0.10"] });

  test("grows the block but does not shrink or move it", () => {
    assert.equal(
      messageOf(update(pool("p", "10.0.0.0/24"), pool("p", "10.0.0.0/25"))),
      'spec.cidr: Forbidden: new CIDR "10.0.0.0/25" does not contain the previous CIDR "10.0.0.0/24"; shrinking a pool may orphan existing allocations',
    );
    assert.equal(update(pool("p", "10.0.0.0/24"), pool("p", "10.0.0.0/23")).allowed, true);
    assert.equal(update(pool("p", "10.0.0.0/24"), pool("p", "10.0.1.0/24")).allowed, false);
  });

  test("does not narrow ranges below what is allocated", () => {
    const before = pool("p", "10.0.0.0/24", ranges(["10.0.0.1", "10.0.0.20"]));
    const after = pool("p", "10.0.0.0/24", ranges(["10.0.0.1", "10.0.0.9"]));
    assert.equal(
      messageOf(update(before, after, { allocations: [held] })),
      'spec.tenantAllocation: Forbidden: cannot narrow tenant allocation ranges: IPAllocation "a" has address 10.0.0.10 outside the proposed ranges. Migrate or delete affected allocations first',
    );
    const span = allocation("s", "p", { phase: "Allocated", startAddress: "10.0.0.9", endAddress: "10.0.0.10" });
    assert.equal(
      messageOf(update(before, after, { allocations: [span] })),
      'spec.tenantAllocation: Forbidden: cannot narrow tenant allocation ranges: IPAllocation "s" has addresses 10.0.0.9-10.0.0.10 outside the proposed ranges. Migrate or delete affected allocations first',
    );
    const others = [
      { ...held, status: { ...held.status, phase: "Released" as const } },
      allocation("o", "q", held.status ?? {}),
    ];
    assert.equal(update(before, after, { allocations: others }).allowed, true);
    const dropped = pool("p", "10.0.0.0/24");
    assert.equal(update(before, dropped, { allocations: [held] }).allowed, true);
  });

  test("closed hole: an address in use does not become reserved", () => {
    const before = pool("p", "10.0.0.0/24", { reserved: [{ cidr: "10.0.0.9/32" }] });
    const after = pool("p", "10.0.0.0/24", { reserved: [{ cidr: "10.0.0.8/29" }] });
    assert.equal(
      messageOf(update(before, after, { allocations: [held] })),
      'spec.reserved: Forbidden: cannot reserve 10.0.0.10: IPAllocation "a" in namespace "butler-system" holds it. Migrate or delete affected allocations first',
    );
    assert.equal(update(before, after, { allocations: [] }).allowed, true);
  });

  test("an update that changes no spec is allowed, whatever the pool looks like", () => {
    const broken = pool("p", "10.0.0.0/99", ranges(["z", "a"]));
    assert.deepEqual(update(broken, broken, { allocations: [held] }), { allowed: true, warnings: [], mutate: [] });
  });
});

describe("the deletion of a NetworkPool", () => {
  const remove = (more: More) => create(pool("p", "10.0.0.0/24"), { operation: "DELETE", ...more });

  test("waits for allocations", () => {
    assert.equal(
      messageOf(remove({ allocations: [allocation("a", "p", { phase: "Allocated" })] })),
      'metadata.name: Forbidden: cannot delete NetworkPool "p": IPAllocation "a" in namespace "butler-system" is still in phase Allocated',
    );
    assert.equal(remove({ allocations: [allocation("a", "q", { phase: "Allocated" })] }).allowed, true);
    assert.equal(remove({ allocations: [allocation("a", "p", { phase: "Released" })] }).allowed, true);
  });

  test("closed hole: waits for allocations that are still pending", () => {
    for (const status of [{ phase: "Pending" as const }, {}]) {
      assert.equal(
        messageOf(remove({ allocations: [allocation("a", "p", status)] })),
        'metadata.name: Forbidden: cannot delete NetworkPool "p": IPAllocation "a" in namespace "butler-system" is still in phase Pending',
      );
    }
  });

  test("closed hole: waits for ProviderConfigs that reference the pool", () => {
    const config = provider("pc", { network: { mode: "ipam", poolRefs: [{ name: "p" }] } });
    assert.equal(
      messageOf(remove({ providerConfigs: [config] })),
      'metadata.name: Forbidden: cannot delete NetworkPool "p": ProviderConfig "pc" in namespace "butler-system" still references it',
    );
    const elsewhere = { ...config, metadata: { ...config.metadata, namespace: "team-a" } };
    assert.equal(remove({ providerConfigs: [elsewhere] }).allowed, true);
  });
});
