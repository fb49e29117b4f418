import { invalid } from "@holdfast/apimachinery/meta/field-error";
import { failure, invalidObject } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Store } from "../store/object-store.ts";
import type { Admission, AdmissionAttributes } from "./admission.ts";

/** 10.96.0.0/16 without its first and last address; 10.96.0.1 is the API server's own. */
const FIRST = 10 * 2 ** 24 + 96 * 2 ** 16 + 2;
const LAST = 10 * 2 ** 24 + 96 * 2 ** 16 + 65_534;
const NODE_PORTS = { first: 30_000, last: 32_767 };
/** How long an address that was given to a request is kept for it: the object is stored long before. */
const HELD_MS = 60_000;

interface Spec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  ports?: { nodePort?: number }[];
}

/** Gives Services their cluster address and node ports, and refuses ones that are taken. */
export function createServiceAddresses(store: Store, now: () => number): Admission {
  const held = new Map<string, number>();
  const isHeld = (what: string) => (held.get(what) ?? 0) > now();
  const taken = (): { addresses: Set<string>; ports: Set<number> } => {
    const [addresses, ports] = [new Set<string>(), new Set<number>()];
    for (const [, stored] of store.bucket("services").range("")) {
      const spec = (stored.object["spec"] ?? {}) as Spec;
      if (spec.clusterIP !== undefined) addresses.add(spec.clusterIP);
      for (const port of spec.ports ?? []) if (port.nodePort !== undefined) ports.add(port.nodePort);
    }
    return { addresses, ports };
  };
  return {
    async mutate(attributes) {
      const { type, object, subresource, operation } = attributes;
      if (type.bucket !== "services" || object === undefined || subresource !== "") return;
      const spec = (object["spec"] ?? {}) as Spec;
      const old = (attributes.oldObject?.["spec"] ?? {}) as Spec;
      keepOld(spec, old, operation);
      if (spec.type === "ExternalName") return;
      const used = taken();
      giveAddress(object, { spec, old, used: used.addresses, isHeld });
      if (spec.type === "NodePort" || spec.type === "LoadBalancer")
        givePorts(object, { spec, old, used: used.ports, isHeld });
      if (attributes.dryRun) return;
      const until = now() + HELD_MS;
      for (const [what, end] of held) if (end <= now()) held.delete(what);
      if (spec.clusterIP !== undefined && spec.clusterIP !== "None") held.set(spec.clusterIP, until);
      for (const port of spec.ports ?? []) if (port.nodePort !== undefined) held.set(String(port.nodePort), until);
    },
    validate: () => Promise.resolve(),
  };
}

/** An update that says nothing about addresses keeps them. */
function keepOld(spec: Spec, old: Spec, operation: AdmissionAttributes["operation"]): void {
  if (operation !== "UPDATE" || old.clusterIP === undefined || spec.type === "ExternalName") return;
  if (spec.clusterIP === undefined || spec.clusterIP === "") spec.clusterIP = old.clusterIP;
  if (spec.clusterIPs === undefined && old.clusterIPs !== undefined) spec.clusterIPs = old.clusterIPs;
}

interface Given<T> {
  readonly spec: Spec;
  readonly old: Spec;
  readonly used: ReadonlySet<T>;
  readonly isHeld: (what: string) => boolean;
}

function giveAddress(object: KubeObject, { spec, old, used, isHeld }: Given<string>): void {
  const name = object.metadata.name ?? "";
  if (spec.clusterIP === undefined || spec.clusterIP === "") {
    const address = freeAddress(used, isHeld);
    if (address === undefined) {
      throw failure("InternalError", "Internal error occurred: failed to allocate a serviceIP: range is full", {
        status: { causes: [{ message: "failed to allocate a serviceIP: range is full" }] },
      });
    }
    spec.clusterIP = address;
  } else if (
    spec.clusterIP !== "None" &&
    spec.clusterIP !== old.clusterIP &&
    (used.has(spec.clusterIP) || isHeld(spec.clusterIP))
  ) {
    throw invalidObject({ group: "", resource: "Service" }, name, [
      invalid(
        "spec.clusterIPs",
        [spec.clusterIP],
        `failed to allocate IP ${spec.clusterIP}: provided IP is already allocated`,
      ),
    ]);
  }
  spec.clusterIPs ??= [spec.clusterIP];
  spec.ipFamilies ??= ["IPv4"];
  spec.ipFamilyPolicy ??= "SingleStack";
}

function freeAddress(used: ReadonlySet<string>, isHeld: (what: string) => boolean): string | undefined {
  const size = LAST - FIRST + 1;
  const start = Math.floor(Math.random() * size);
  for (let i = 0; i < size; i++) {
    const number = FIRST + ((start + i) % size);
    const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
    if (!used.has(address) && !isHeld(address)) return address;
  }
  return undefined;
}

function givePorts(object: KubeObject, { spec, old, used, isHeld }: Given<number>): void {
  const kept = new Set((old.ports ?? []).map((p) => p.nodePort));
  const own = new Set<number>();
  const size = NODE_PORTS.last - NODE_PORTS.first + 1;
  for (const [i, port] of (spec.ports ?? []).entries()) {
    if (port.nodePort !== undefined && port.nodePort !== 0) {
      const free = kept.has(port.nodePort) || (!used.has(port.nodePort) && !isHeld(String(port.nodePort)));
      if (!free) {
        throw invalidObject({ group: "", resource: "Service" }, object.metadata.name ?? "", [
          invalid(`spec.ports[${i}].nodePort`, port.nodePort, "provided port is already allocated"),
        ]);
      }
      own.add(port.nodePort);
      continue;
    }
    const start = Math.floor(Math.random() * size);
    for (let j = 0; j < size; j++) {
      const candidate = NODE_PORTS.first + ((start + j) % size);
      if (used.has(candidate) || own.has(candidate) || isHeld(String(candidate))) continue;
      port.nodePort = candidate;
      own.add(candidate);
      break;
    }
  }
}
