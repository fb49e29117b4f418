import { type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import { child, type Fields, flag, has, items, maybe, text } from "../fields.ts";
import { idNumber, oneOf } from "../rules/scalar-rules.ts";

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const SYSCTL_HELP =
  "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
/** What a pod for Windows may not ask of its containers. */
const NOT_ON_WINDOWS = [
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
];
const NOT_ON_WINDOWS_POD = [
  "appArmorProfile",
  "seLinuxOptions",
  "hostUsers",
  "hostPID",
  "hostIPC",
  "seccompProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "sysctls",
  "shareProcessNamespace",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
];
/** The members of the original's struct in its order: its texts show the whole of it. */
const CONTAINER_MEMBERS: readonly (readonly [string, string])[] = [
  ["Capabilities", "capabilities"],
  ["Privileged", "privileged"],
  ["SELinuxOptions", "seLinuxOptions"],
  ["WindowsOptions", "windowsOptions"],
  ["RunAsUser", "runAsUser"],
  ["RunAsGroup", "runAsGroup"],
  ["RunAsNonRoot", "runAsNonRoot"],
  ["ReadOnlyRootFilesystem", "readOnlyRootFilesystem"],
  ["AllowPrivilegeEscalation", "allowPrivilegeEscalation"],
  ["ProcMount", "procMount"],
  ["SeccompProfile", "seccompProfile"],
  ["AppArmorProfile", "appArmorProfile"],
];

/** securityContext of a container. */
export function containerSecurityRule(errors: FieldError[], container: Fields, path: string): void {
  const context = maybe(container, "securityContext");
  if (context === undefined) return;
  const at = `${path}.securityContext`;
  idNumber(errors, context["runAsUser"], `${at}.runAsUser`);
  idNumber(errors, context["runAsGroup"], `${at}.runAsGroup`);
  if (has(context, "procMount")) oneOf(errors, text(context, "procMount"), `${at}.procMount`, ["Default", "Unmasked"]);
  seccompRule(errors, context, at);
  if (context["allowPrivilegeEscalation"] === false) {
    const conflict = flag(context, "privileged")
      ? "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
      : adds(context, "CAP_SYS_ADMIN")
        ? "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
        : undefined;
    if (conflict !== undefined) errors.push(invalid(at, asStruct(context), conflict));
  }
}

function adds(context: Fields, capability: string): boolean {
  const added = child(context, "capabilities")["add"];
  return Array.isArray(added) && added.includes(capability);
}

function asStruct(context: Fields): Fields {
  return Object.fromEntries(CONTAINER_MEMBERS.map(([name, member]) => [name, context[member] ?? null]));
}

function seccompRule(errors: FieldError[], context: Fields, path: string): void {
  const profile = maybe(context, "seccompProfile");
  if (profile === undefined) return;
  const at = `${path}.seccompProfile`;
  const type = text(profile, "type");
  const local = text(profile, "localhostProfile");
  if (type === "Localhost") {
    if (!has(profile, "localhostProfile"))
      errors.push(required(`${at}.localhostProfile`, "must be set when seccomp type is Localhost"));
    else if (local.startsWith("/")) errors.push(invalid(`${at}.localhostProfile`, local, "must be a relative path"));
  } else {
    if (has(profile, "localhostProfile")) {
      errors.push(invalid(`${at}.localhostProfile`, local, "can only be set when seccomp type is Localhost"));
    }
    if (type === "") errors.push(required(`${at}.type`, "type is required when seccompProfile is set"));
    else oneOf(errors, type, `${at}.type`, ["Localhost", "RuntimeDefault", "Unconfined"]);
  }
}

/** securityContext of a pod. */
export function podSecurityRule(errors: FieldError[], spec: Fields, path: string): void {
  const context = child(spec, "securityContext");
  const at = `${path}.securityContext`;
  for (const name of ["fsGroup", "runAsUser", "runAsGroup"]) idNumber(errors, context[name], `${at}.${name}`);
  const groups = context["supplementalGroups"];
  if (Array.isArray(groups)) {
    for (const [i, group] of groups.entries()) idNumber(errors, group, `${at}.supplementalGroups[${i}]`);
  }
  if (flag(spec, "shareProcessNamespace") && flag(spec, "hostPID")) {
    errors.push(
      invalid(`${path}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled"),
    );
  }
  sysctlsRule(errors, context, at);
  if (has(context, "fsGroupChangePolicy")) {
    oneOf(errors, text(context, "fsGroupChangePolicy"), `${at}.fsGroupChangePolicy`, ["Always", "OnRootMismatch"]);
  }
  seccompRule(errors, context, at);
}

function sysctlsRule(errors: FieldError[], context: Fields, path: string): void {
  const names = new Set<string>();
  for (const [i, sysctl] of items(context, "sysctls").entries()) {
    const name = text(sysctl, "name");
    const at = `${path}.sysctls[${i}].name`;
    if (name === "") errors.push(required(at));
    else if (name.length > 253 || !SYSCTL.test(name)) errors.push(invalid(at, name, SYSCTL_HELP));
    else if (names.has(name)) errors.push({ type: "FieldValueDuplicate", field: at, value: name, detail: "" });
    names.add(name);
  }
}

/** What the operating system of a pod rules out. */
export function operatingSystemRule(errors: FieldError[], spec: Fields, path: string): void {
  const system = maybe(spec, "os");
  if (system === undefined) return;
  const name = text(system, "name");
  if (name === "") errors.push(required(`${path}.os.name`));
  else if (name !== "linux" && name !== "windows") oneOf(errors, name, `${path}.os.name`, ["linux", "windows"]);
  const context = child(spec, "securityContext");
  if (name === "windows") {
    for (const member of NOT_ON_WINDOWS_POD) {
      const owner = member.startsWith("host") || member === "shareProcessNamespace" ? spec : context;
      const at = owner === spec ? `${path}.${member}` : `${path}.securityContext.${member}`;
      if (owner[member] !== undefined) errors.push(forbidden(at, "cannot be set for a windows pod"));
    }
    for (const list of ["containers", "initContainers"]) {
      for (const [i, container] of items(spec, list).entries()) {
        const own = child(container, "securityContext");
        for (const member of NOT_ON_WINDOWS) {
          const at = `${path}.${list}[${i}].securityContext.${member}`;
          if (has(own, member)) errors.push(forbidden(at, "cannot be set for a windows pod"));
        }
      }
    }
  } else if (name === "linux" && has(context, "windowsOptions")) {
    errors.push(forbidden(`${path}.securityContext.windowsOptions`, "windows options cannot be set for a linux pod"));
  }
}
