import { type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import { child, count, type Fields, has, items, maybe, text, texts } from "../fields.ts";
import { noneNegative, oneOf, portNumber, portOrName } from "../rules/scalar-rules.ts";

const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;
const HEADER_NAME = /^[-A-Za-z0-9]+$/;

/** The probes of a container. */
export function probesRule(errors: FieldError[], container: Fields, path: string): void {
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
    const probe = maybe(container, name);
    if (probe !== undefined) probeRule(errors, probe, `${path}.${name}`, name);
  }
}

function probeRule(
  errors: FieldError[],
  probe: Fields,
  path: string,
  name: "livenessProbe" | "readinessProbe" | "startupProbe",
): void {
  handlerRule(errors, probe, path);
  noneNegative(errors, probe, path, [
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
  ]);
  const grace = probe["terminationGracePeriodSeconds"];
  if (typeof grace === "number") {
    const at = `${path}.terminationGracePeriodSeconds`;
    if (name === "readinessProbe") errors.push(invalid(at, grace, "must not be set for readinessProbes"));
    else if (grace <= 0) errors.push(invalid(at, grace, "must be greater than 0"));
  }
  if (name !== "readinessProbe" && count(probe, "successThreshold") !== 1) {
    errors.push(invalid(`${path}.successThreshold`, count(probe, "successThreshold"), "must be 1"));
  }
}

/** What runs after the start and before the end of a container. */
export function lifecycleRule(errors: FieldError[], container: Fields, path: string): void {
  const lifecycle = child(container, "lifecycle");
  for (const name of ["postStart", "preStop"]) {
    const hook = maybe(lifecycle, name);
    if (hook !== undefined) handlerRule(errors, hook, `${path}.lifecycle.${name}`);
  }
}

function handlerRule(errors: FieldError[], handler: Fields, path: string): void {
  let found = false;
  for (const name of HANDLERS) {
    const action = maybe(handler, name);
    if (action === undefined) continue;
    if (found) errors.push(forbidden(`${path}.${name}`, "may not specify more than 1 handler type"));
    else actionRule(errors, name, action, `${path}.${name}`);
    found = true;
  }
  if (!found) errors.push(required(path, "must specify a handler type"));
}

function actionRule(errors: FieldError[], name: (typeof HANDLERS)[number], action: Fields, path: string): void {
  switch (name) {
    case "exec":
      if (texts(action, "command").length === 0) errors.push(required(`${path}.command`));
      break;
    case "httpGet":
      if (text(action, "path") === "") errors.push(required(`${path}.path`));
      portOrName(errors, action["port"], `${path}.port`);
      oneOf(errors, text(action, "scheme"), `${path}.scheme`, ["HTTP", "HTTPS"]);
      for (const header of items(action, "httpHeaders")) {
        if (!HEADER_NAME.test(text(header, "name"))) {
          errors.push(
            invalid(
              `${path}.httpHeaders`,
              text(header, "name"),
              "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
            ),
          );
        }
      }
      break;
    case "tcpSocket":
      portOrName(errors, action["port"], `${path}.port`);
      break;
    case "grpc":
      portNumber(errors, action["port"], `${path}.port`);
      break;
    case "sleep":
      if (!has(action, "seconds") || count(action, "seconds") < 0) {
        errors.push(
          invalid(path, count(action, "seconds"), "must be non-negative and less than terminationGracePeriodSeconds"),
        );
      }
      break;
  }
}
