import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { describeJsonError } from "../../../schema/body/json-syntax-error.ts";
import { MAX_BODY_DEPTH } from "../../../schema/strict.ts";
import { child, setDefaultText, text, textMap } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { configMapKey, IMMUTABLE } from "../rules/scalar-rules.ts";
import { frozenProblems, MAX_DATA_BYTES } from "./config-map.ts";

/** Keys a Secret of a type must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};
/** Keys whose value has to be JSON. */
const DOCKER_KEYS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
};
const ACCOUNT_NAME = "kubernetes.io/service-account.name";

/** Secrets. */
export const secretBehaviour: KindBehaviour = {
  defaults: defaultSecret,
  validate: secretProblems,
  validateUpdate: (next, old) => [
    ...(text(next, "type") === text(old, "type") ? [] : [invalid("type", text(next, "type"), IMMUTABLE)]),
    ...frozenProblems(next, old, ["data"]),
    ...secretProblems(next),
  ],
  selectableFieldNames: ["type"],
  selectableFields: (object) => ({ type: text(object, "type") }),
};

/** stringData is only a way to write: it goes into data. */
function defaultSecret(object: KubeObject): void {
  const plain = textMap(object, "stringData");
  const entries = Object.entries(plain);
  if (entries.length > 0) {
    const data: Record<string, string> = { ...textMap(object, "data") };
    for (const [key, value] of entries) {
      Object.defineProperty(data, key, {
        value: toBase64(value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    object["data"] = data;
  }
  delete object["stringData"];
  setDefaultText(object, "type", "Opaque");
}

function toBase64(value: string): string {
  return (new TextEncoder().encode(value) as Uint8Array & { toBase64(): string }).toBase64();
}

function secretProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const data = textMap(object, "data");
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    for (const problem of configMapKey(key)) errors.push(invalid(`data[${key}]`, key, problem));
    bytes += Math.floor((value.length * 3) / 4);
  }
  if (bytes > MAX_DATA_BYTES) {
    errors.push({ type: "FieldValueTooLong", field: "data", detail: `may not be more than ${MAX_DATA_BYTES} bytes` });
  }
  const type = text(object, "type");
  for (const key of DOCKER_KEYS[type] ?? []) jsonRule(errors, data, key);
  for (const key of (Object.hasOwn(REQUIRED_KEYS, type) && REQUIRED_KEYS[type]) || []) {
    if (!Object.hasOwn(data, key)) errors.push(required(`data[${key}]`));
  }
  if (type === "kubernetes.io/basic-auth" && !Object.hasOwn(data, "username") && !Object.hasOwn(data, "password")) {
    errors.push(required("data[username]"), required("data[password]"));
  }
  if (
    type === "kubernetes.io/service-account-token" &&
    !textMap(child({ metadata: object.metadata }, "metadata"), "annotations")[ACCOUNT_NAME]
  ) {
    errors.push(required(`metadata.annotations[${ACCOUNT_NAME}]`));
  }
  return errors;
}

/** The complaint never shows what the Secret holds. */
function jsonRule(errors: FieldError[], data: Readonly<Record<string, string>>, key: string): void {
  if (!Object.hasOwn(data, key)) return;
  const json = fromBase64(data[key] as string);
  try {
    JSON.parse(json);
  } catch {
    errors.push(invalid(`data[${key}]`, "<secret contents redacted>", describeJsonError(json, MAX_BODY_DEPTH)));
  }
}

function fromBase64(value: string): string {
  const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
