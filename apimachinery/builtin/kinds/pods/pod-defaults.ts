// What the API fills in in pods and pod templates. Defaults as documented in k8s.io/api/core/v1.
import type { KubeObject } from "../../../meta/types.ts";
import { formatQuantity, parseQuantity } from "../decode/quantity.ts";
import { child, type Fields, flag, has, items, maybe, setDefault, setDefaultText, text } from "../fields.ts";
import { defaultVolumes } from "./volume-defaults.ts";

/** Defaults of a Pod: those of its spec, and those that only pods of their own have. */
export function defaultPod(pod: KubeObject): void {
  const spec = child(pod, "spec");
  defaultPodSpec(spec);
  setDefault(spec, "enableServiceLinks", true);
  for (const list of ["initContainers", "containers"]) {
    for (const container of items(spec, list)) requestLimits(child(container, "resources"));
  }
}

/** Defaults of the template of a controller. */
export function defaultPodTemplate(parent: Fields | KubeObject): void {
  defaultPodSpec(child(child(parent, "template"), "spec"));
}

/** Where a limit is set and a request is not, the request is the limit. */
function requestLimits(resources: Fields): void {
  const limits = maybe(resources, "limits");
  if (limits === undefined) return;
  const requests = { ...child(resources, "requests") };
  for (const name of Object.keys(limits)) requests[name] ??= limits[name];
  if (Object.keys(requests).length > 0) resources["requests"] = requests;
}

/** Defaults of a pod spec, wherever it stands. */
export function defaultPodSpec(spec: Fields): void {
  setDefaultText(spec, "dnsPolicy", "ClusterFirst");
  setDefaultText(spec, "restartPolicy", "Always");
  if (flag(spec, "hostNetwork")) {
    for (const list of ["containers", "initContainers"]) {
      for (const container of items(spec, list)) {
        for (const port of items(container, "ports")) setDefault(port, "hostPort", port["containerPort"]);
      }
    }
  }
  setDefault(spec, "securityContext", {});
  setDefault(spec, "terminationGracePeriodSeconds", 30);
  setDefaultText(spec, "schedulerName", "default-scheduler");
  mirrorServiceAccount(spec);
  for (const list of ["initContainers", "containers", "ephemeralContainers"]) {
    for (const container of items(spec, list)) defaultContainer(container);
  }
  defaultVolumes(items(spec, "volumes"));
  roundAmounts(spec, "overhead");
  if (has(spec, "resources")) roundResources(child(spec, "resources"));
}

/** The old name of the field always says the same as the new one. */
function mirrorServiceAccount(spec: Fields): void {
  const name = text(spec, "serviceAccountName") || text(spec, "serviceAccount");
  if (name === "") return;
  spec["serviceAccountName"] = name;
  spec["serviceAccount"] = name;
}

function defaultContainer(container: Fields): void {
  setDefaultText(container, "imagePullPolicy", isLatest(text(container, "image")) ? "Always" : "IfNotPresent");
  setDefaultText(container, "terminationMessagePath", "/dev/termination-log");
  setDefaultText(container, "terminationMessagePolicy", "File");
  for (const port of items(container, "ports")) setDefaultText(port, "protocol", "TCP");
  for (const variable of items(container, "env")) {
    const fieldRef = maybe(child(variable, "valueFrom"), "fieldRef");
    if (fieldRef !== undefined) setDefaultText(fieldRef, "apiVersion", "v1");
  }
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const probe = maybe(container, name);
    if (probe !== undefined) defaultProbe(probe);
  }
  const lifecycle = child(container, "lifecycle");
  for (const name of ["postStart", "preStop"]) {
    const hook = maybe(lifecycle, name);
    if (hook !== undefined) defaultHttpGet(hook);
  }
  roundResources(child(container, "resources"));
}

function defaultProbe(probe: Fields): void {
  setDefault(probe, "timeoutSeconds", 1);
  setDefault(probe, "periodSeconds", 10);
  setDefault(probe, "successThreshold", 1);
  setDefault(probe, "failureThreshold", 3);
  defaultHttpGet(probe);
  const grpc = maybe(probe, "grpc");
  if (grpc !== undefined) setDefault(grpc, "service", "");
}

function defaultHttpGet(handler: Fields): void {
  const get = maybe(handler, "httpGet");
  if (get === undefined) return;
  setDefaultText(get, "path", "/");
  setDefaultText(get, "scheme", "HTTP");
}

/** True for an image without tag and digest, or with the tag `latest`. */
function isLatest(image: string): boolean {
  if (image === "" || image.includes("@")) return /:latest@/.test(image);
  const name = image.slice(image.lastIndexOf("/") + 1);
  const colon = name.indexOf(":");
  return colon < 0 || name.slice(colon + 1) === "latest";
}

function roundResources(resources: Fields): void {
  roundAmounts(resources, "limits");
  roundAmounts(resources, "requests");
}

const MILLI = 1_000_000n;

/** Amounts are kept in thousandths, rounded up. */
export function roundAmounts(parent: Fields, name: string): void {
  const list = maybe(parent, name);
  if (list === undefined) return;
  for (const key of Object.keys(list)) {
    const value = list[key] as string;
    if (!/[nu]$|e-|\./.test(value)) continue;
    const parsed = parseQuantity(value);
    if ("error" in parsed || parsed.nano % MILLI === 0n) continue;
    const up = parsed.nano > 0n ? MILLI - 1n : 0n;
    list[key] = formatQuantity({ nano: ((parsed.nano + up) / MILLI) * MILLI, format: parsed.format });
  }
}
