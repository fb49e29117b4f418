// What a pod asks of a node. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
import { quantityNano } from "@holdfast/apimachinery/builtin/kinds/decode/quantity";
import type { Container, Pod } from "../acting/object-types.ts";

/** Resource -> amount, in billionths of its unit. */
export type Amounts = ReadonlyMap<string, bigint>;

/**
 * What the containers request together: the sum of all that run side by side, or what one init container needs on its own when that
 * is more. Sidecars count to the sum.
 */
export function requestsOf(pod: Pick<Pod, "spec">): Amounts {
  const running = new Map<string, bigint>();
  for (const container of pod.spec.containers ?? []) add(running, requests(container));
  const starting = new Map<string, bigint>();
  const sidecars = new Map<string, bigint>();
  for (const container of pod.spec.initContainers ?? []) {
    const own = new Map(requests(container));
    if (container.restartPolicy === "Always") {
      add(sidecars, own);
      add(running, own);
      raise(starting, sidecars);
    } else {
      add(own, sidecars);
      raise(starting, own);
    }
  }
  raise(running, starting);
  add(running, amounts(pod.spec.overhead));
  return running;
}

/** A map of quantities as numbers. */
export function amounts(quantities: Readonly<Record<string, string>> | undefined): Map<string, bigint> {
  return new Map(Object.entries(quantities ?? {}).map(([name, quantity]) => [name, quantityNano(quantity)]));
}

function requests(container: Container): Map<string, bigint> {
  return amounts(container.resources?.requests);
}

/** Adds up in place. */
export function add(sum: Map<string, bigint>, more: Amounts): void {
  for (const [name, amount] of more) sum.set(name, (sum.get(name) ?? 0n) + amount);
}

function raise(most: Map<string, bigint>, other: Amounts): void {
  for (const [name, amount] of other) if (amount > (most.get(name) ?? 0n)) most.set(name, amount);
}
