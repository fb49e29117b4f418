import { choice, object, quantity, string } from "../schema-dsl.ts";

function cpuAndMemory(description: string) {
  return object(description, { cpu: quantity("CPU cores."), memory: quantity("Bytes of memory.") });
}

function component(name: string) {
  return object(`Resources of the ${name} container.`, {
    requests: cpuAndMemory("What the scheduler sets aside."),
    limits: cpuAndMemory("What the container may use at most."),
  });
}

/** Resources of the three components of a hosted control plane. */
export function controlPlaneResources(description: string) {
  return object(description, {
    apiServer: component("kube-apiserver"),
    controllerManager: component("kube-controller-manager"),
    scheduler: component("kube-scheduler"),
  });
}

/** Ways a hosted control plane can be reached. */
export const EXPOSURE_MODES = ["LoadBalancer", "Ingress", "Gateway"] as const;

/** How tenant API servers are made reachable. */
export function controlPlaneExposure(description: string) {
  return object(description, {
    mode: choice(
      "LoadBalancer gives every control plane an address of its own; Ingress and Gateway share one and tell them apart by host name.",
      EXPOSURE_MODES,
      { default: "LoadBalancer" },
    ),
    hostname: string("Base host name of Ingress and Gateway mode, often a wildcard such as *.k8s.example.eu."),
    ingressClassName: string("IngressClass used in Ingress mode."),
    controllerType: choice("Ingress controller in use; decides the annotations that make TLS pass through.", [
      "haproxy",
      "nginx",
      "traefik",
      "generic",
    ]),
    gatewayRef: string("Gateway used in Gateway mode, as namespace/name or name."),
  });
}
