import { Agent, request as httpsRequest } from "node:https";
import type { ClientConfig, Webhook } from "./webhook-config.ts";

/** Finds the address behind a service reference; undefined when there is no such service. */
export type ServiceResolver = (service: {
  namespace: string;
  name: string;
  port: number;
}) => { host: string; port: number } | undefined;

/** Authorities whose connections are kept. */
const MAX_AGENTS = 64;
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** Posts reviews to webhooks over TLS, keeping connections. */
export class WebhookClient {
  readonly #resolve: ServiceResolver;
  readonly #agents = new Map<string, Agent>();

  constructor(resolve: ServiceResolver) {
    this.#resolve = resolve;
  }

  /**
   * Sends one review.
   *
   * @returns the body of a 200
   * @throws TypeError in the words of the original when the webhook cannot be asked: refused, slow, a wrong certificate, another status
   */
  async post(webhook: Webhook, body: string): Promise<string> {
    const target = this.#target(webhook.clientConfig, webhook.timeoutSeconds);
    try {
      return await this.#send(target, body, webhook);
    } catch (error) {
      // A connection that was kept may have been closed meanwhile: one more try on a new one, as HTTP clients do.
      if ((error as NodeJS.ErrnoException).code === "ECONNRESET" && (error as { reused?: boolean }).reused === true)
        return this.#send(target, body, webhook).catch((e: unknown) => Promise.reject(explain(e, target.shown)));
      throw explain(error, target.shown);
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #target(config: ClientConfig, timeoutSeconds: number): Target {
    if (config.url !== undefined) {
      const url = new URL(config.url);
      url.searchParams.set("timeout", `${timeoutSeconds}s`);
      return {
        shown: url.href,
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: Number(url.port || 443),
        path: `${url.pathname}${url.search}`,
        servername: url.hostname,
      };
    }
    const { namespace = "", name = "", path = "/", port = 443 } = config.service ?? {};
    const servername = `${name}.${namespace}.svc`;
    const shown = `https://${servername}:${port}${path}?timeout=${timeoutSeconds}s`;
    const address = this.#resolve({ namespace, name, port });
    if (address === undefined)
      throw new TypeError(
        `failed to call webhook: Post ${JSON.stringify(shown)}: service ${JSON.stringify(name)} not found`,
      );
    return { shown, host: address.host, port: address.port, path: `${path}?timeout=${timeoutSeconds}s`, servername };
  }

  #send(target: Target, body: string, webhook: Webhook): Promise<string> {
    const agent = this.#agentFor(webhook.clientConfig);
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: target.host,
          port: target.port,
          path: target.path,
          method: "POST",
          agent,
          ...(/^[\d.:]+$/.test(target.servername) ? {} : { servername: target.servername }),
          headers: {
            "content-type": "application/json",
            accept: "application/json, */*",
            "content-length": Buffer.byteLength(body),
            "user-agent": "kube-apiserver-admission",
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on("data", (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_RESPONSE_BYTES) request.destroy(new Error("response body is larger than 16 MiB"));
            else chunks.push(chunk);
          });
          response.on("error", (error) => {
            clearTimeout(timer);
            reject(error);
          });
          response.on("end", () => {
            clearTimeout(timer);
            const text = Buffer.concat(chunks).toString("utf8");
            if (response.statusCode === 200) resolve(text);
            else reject(new StatusAnswer(response.statusCode ?? 0, text));
          });
        },
      );
      const timer = setTimeout(() => request.destroy(new DeadlineExceeded()), webhook.timeoutSeconds * 1000);
      request.on("error", (error) => {
        clearTimeout(timer);
        reject(Object.assign(error, { reused: request.reusedSocket }));
      });
      request.end(body);
    });
  }

  #agentFor(config: ClientConfig): Agent {
    const key = config.caBundle ?? "";
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      // The oldest goes without being destroyed: a review may be on its way through it. Its idle connections end by themselves.
      if (this.#agents.size >= MAX_AGENTS) this.#agents.delete(this.#agents.keys().next().value as string);
      const ca = key === "" ? undefined : Buffer.from(key, "base64").toString("utf8");
      agent = new Agent({
        keepAlive: true,
        maxSockets: 64,
        minVersion: "TLSv1.2",
        ...(ca === undefined ? {} : { ca }),
      });
      this.#agents.set(key, agent);
    }
    return agent;
  }
}

interface Target {
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly servername: string;
}

class DeadlineExceeded extends Error {}
class StatusAnswer extends Error {
  readonly status: number;
  constructor(status: number, body: string) {
    super(body);
    this.status = status;
  }
}

function explain(error: unknown, shown: string): TypeError {
  const post = `failed to call webhook: Post ${JSON.stringify(shown)}`;
  if (error instanceof TypeError && error.message.startsWith("failed to call webhook")) return error;
  if (error instanceof StatusAnswer) {
    if (error.status === 404)
      return new TypeError("failed to call webhook: the server could not find the requested resource");
    if (error.status >= 500)
      return new TypeError(
        `failed to call webhook: an error on the server (${JSON.stringify(error.message.slice(0, 2048))}) has prevented the request from succeeding`,
      );
    return new TypeError(`failed to call webhook: the server rejected our request for an unknown reason`);
  }
  if (error instanceof DeadlineExceeded) return new TypeError(`${post}: context deadline exceeded`);
  const { code, message, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === "ECONNREFUSED")
    return new TypeError(`${post}: dial tcp ${address}:${port}: connect: connection refused`);
  if (code === "ECONNRESET" || message === "socket hang up") return new TypeError(`${post}: EOF`);
  if (code === "ENOTFOUND") return new TypeError(`${post}: dial tcp: lookup ${new URL(shown).hostname}: no such host`);
  if (code !== undefined && CERTIFICATE_ERRORS.has(code))
    return new TypeError(`${post}: tls: failed to verify certificate: x509: ${CERTIFICATE_ERRORS.get(code)}`);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return new TypeError(
      `${post}: tls: failed to verify certificate: x509: certificate is not valid for the name it was asked under`,
    );
  return new TypeError(`${post}: ${message}`);
}

const CERTIFICATE_ERRORS = new Map([
  ["SELF_SIGNED_CERT_IN_CHAIN", "certificate signed by unknown authority"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate signed by unknown authority"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate signed by unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "certificate signed by unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT", "certificate signed by unknown authority"],
  ["CERT_SIGNATURE_FAILURE", "certificate signed by unknown authority"],
  ["CERT_HAS_EXPIRED", "certificate has expired or is not yet valid"],
  ["CERT_NOT_YET_VALID", "certificate has expired or is not yet valid"],
]);
