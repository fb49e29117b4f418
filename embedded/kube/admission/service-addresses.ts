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
  externalTrafficPolicy?: string;
  healthCheckNodePort?: number;
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
      if (spec.healthCheckNodePort !== undefined) ports.add(spec.healthCheckNodePort);
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
      if (spec.healthCheckNodePort !== undefined) held.set(String(spec.healthCheckNodePort), until);
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
  } else if (spec.clusterIP !== "None" && spec.clusterIP !== old.clusterIP) {
    const number = ipv4Number(spec.clusterIP);
    // What is no address at all is told by the validation of the fields.
    if (number === undefined) {
      spec.clusterIPs ??= [spec.clusterIP];
      return;
    }
    const why = !isInRange(number)
      ? "the provided network does not match the current range"
      : used.has(spec.clusterIP) || isHeld(spec.clusterIP)
        ? "provided IP is already allocated"
        : undefined;
    if (why !== undefined) {
      throw invalidObject({ group: "", resource: "Service" }, name, [
        invalid("spec.clusterIPs", [spec.clusterIP], `failed to allocate IP ${spec.clusterIP}: ${why}`),
      ]);
    }
  }
  spec.clusterIPs ??= [spec.clusterIP];
}

/** The API server's own address is in the range too, and taken by the Service `kubernetes` alone. */
function isInRange(address: number): boolean {
  return address >= FIRST - 1 && address <= LAST;
}

function ipv4Number(text: string): number | undefined {
  const parts = text.split(".").map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
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
  const isFree = (port: number) => !used.has(port) && !own.has(port) && !isHeld(String(port));
  for (const [i, port] of (spec.ports ?? []).entries()) {
    const asked = port.nodePort ?? 0;
    // One number may serve two protocols of one Service.
    if (asked !== 0 && !kept.has(asked) && !own.has(asked)) {
      const why = nodePortProblem(asked, isFree);
      if (why !== undefined) {
        throw invalidObject({ group: "", resource: "Service" }, object.metadata.name ?? "", [
          invalid(`spec.ports[${i}].nodePort`, asked, why),
        ]);
      }
    }
    const given = asked === 0 ? freePort(isFree) : asked;
    if (given === undefined) continue;
    port.nodePort = given;
    own.add(given);
  }
  const wantsHealthCheck = spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
  if (!wantsHealthCheck || (spec.healthCheckNodePort ?? 0) !== 0) return;
  const health = old.healthCheckNodePort ?? freePort(isFree);
  if (health !== undefined) spec.healthCheckNodePort = health;
}

function nodePortProblem(port: number, isFree: (port: number) => boolean): string | undefined {
  const { first, last } = NODE_PORTS;
  if (port < first || port > last)
    return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
  return isFree(port) ? undefined : "provided port is already allocated";
}

function freePort(isFree: (port: number) => boolean): number | undefined {
  const size = NODE_PORTS.last - NODE_PORTS.first + 1;
  const start = Math.floor(Math.random() * size);
  for (let i = 0; i < size; i++) {
    const candidate = NODE_PORTS.first + ((start + i) % size);
    if (isFree(candidate)) return candidate;
  }
  return undefined;
}
