// `spec.conversion` of a definition: the strategy, and the webhook that the strategy needs.

import { type FieldError, forbidden, invalid, notSupported, required } from "../../meta/field-error.ts";
import { dns1035Label, dns1123Subdomain } from "../name-rules.ts";
import type { CrdConversion } from "./crd-types.ts";

const FORM = "; desired format: https://host[/path]";

export interface ConversionOptions {
  /** Check the CA bundle too; a definition that is not yet established may have a wrong one. */
  readonly checkCaBundle: boolean;
}

export function conversionErrors(conversion: CrdConversion, path: string, options: ConversionOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { strategy = "", webhook } = conversion;
  const client = webhook?.clientConfig;
  const versions = webhook?.conversionReviewVersions ?? [];
  const at = `${path}.webhookClientConfig`;
  if (strategy === "") errors.push(required(`${path}.strategy`));
  else if (strategy !== "None" && strategy !== "Webhook") {
    errors.push(notSupported(`${path}.strategy`, strategy, ["None", "Webhook"]));
  }
  if (strategy !== "Webhook") {
    const detail = "should not be set when strategy is not set to Webhook";
    if (client !== undefined) errors.push(forbidden(at, detail));
    if (versions.length > 0) errors.push(forbidden(`${path}.conversionReviewVersions`, detail));
    return errors;
  }
  if (client === undefined) errors.push(required(at, "required when strategy is set to Webhook"));
  else {
    const { url, service, caBundle = "" } = client;
    if ((url === undefined) === (service === undefined)) {
      errors.push(required(at, "exactly one of url or service is required"));
    } else if (url !== undefined) checkUrl(errors, url, `${at}.url`);
    else checkService(errors, service ?? {}, `${at}.service`);
    if (caBundle !== "" && options.checkCaBundle && !isPemBundle(caBundle)) {
      const detail = "unable to load root certificates: unable to parse bytes as PEM block";
      errors.push(invalid(`${at}.caBundle`, caBundle, detail));
    }
  }
  checkReviewVersions(errors, versions, `${path}.conversionReviewVersions`);
  return errors;
}

/** Whether base64 text holds at least one PEM certificate. */
export function isPemBundle(base64: string): boolean {
  try {
    return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.test(atob(base64));
  } catch {
    return false;
  }
}

function checkUrl(errors: FieldError[], url: string, path: string): void {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(url);
  if (match === null) {
    errors.push(required(path, `url must be a valid URL: parse ${JSON.stringify(url)}: invalid URL${FORM}`));
    return;
  }
  const [, scheme = "", authority = "", query = "", fragment = ""] = match;
  const atSign = authority.lastIndexOf("@");
  if (scheme.toLowerCase() !== "https") {
    errors.push(invalid(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`));
  }
  const host = authority.slice(atSign + 1);
  if (host === "") errors.push(invalid(path, host, `host must be specified${FORM}`));
  if (atSign >= 0) {
    errors.push(invalid(path, authority.slice(0, atSign), "user information is not permitted in the URL"));
  }
  if (fragment !== "") errors.push(invalid(path, fragment, "fragments are not permitted in the URL"));
  if (query !== "") errors.push(invalid(path, query, "query parameters are not permitted in the URL"));
}

type Service = NonNullable<NonNullable<NonNullable<CrdConversion["webhook"]>["clientConfig"]>["service"]>;

/** The original confuses the two names: a missing name is reported at `namespace`, a missing namespace at `name`. */
function checkService(errors: FieldError[], service: Service, path: string): void {
  const { name = "", namespace = "", path: urlPath, port = 443 } = service;
  if (namespace === "") errors.push(required(`${path}.name`));
  if (name === "") errors.push(required(`${path}.namespace`));
  if (!(port >= 1 && port <= 65535)) {
    errors.push(invalid(`${path}.port`, port, "port is not valid: must be between 1 and 65535, inclusive"));
  }
  if (urlPath === undefined || urlPath === "" || urlPath === "/") return;
  const at = `${path}.path`;
  if (urlPath === "//") {
    errors.push(invalid(at, urlPath, "segment[0] may not be empty"));
    return;
  }
  if (!urlPath.startsWith("/")) errors.push(invalid(at, urlPath, "must start with a '/'"));
  const inner = urlPath.slice(1);
  for (const [index, segment] of (inner.endsWith("/") ? inner.slice(0, -1) : inner).split("/").entries()) {
    if (segment === "") errors.push(invalid(at, urlPath, `segment[${index}] may not be empty`));
    else for (const why of dns1123Subdomain(segment)) errors.push(invalid(at, urlPath, `segment[${index}]: ${why}`));
  }
}

function checkReviewVersions(errors: FieldError[], versions: readonly string[], path: string): void {
  if (versions.length === 0) {
    errors.push(required(path));
    return;
  }
  const seen = new Set<string>();
  for (const [index, version] of versions.entries()) {
    const at = `${path}[${index}]`;
    if (seen.has(version)) errors.push(invalid(at, version, "duplicate version"));
    else for (const why of dns1035Label(version)) errors.push(invalid(at, version, why));
    seen.add(version);
  }
  if (!seen.has("v1") && !seen.has("v1beta1")) {
    errors.push(invalid(path, versions, "must include at least one of v1, v1beta1"));
  }
}
