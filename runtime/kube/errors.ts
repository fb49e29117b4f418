import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** What goes wrong between a client and a Kubernetes API server. Refusals of the server itself are StatusErrors. */
export const kubeErrors = defineErrors({
  KUBE_UNREACHABLE: { message: "Cannot reach the API server at {server}: {why}", fault: "upstream", retry: "later" },
  KUBE_TIMEOUT: {
    message: "Cannot wait longer for the API server at {server}: no answer within {ms} ms",
    fault: "upstream",
    retry: "later",
  },
  KUBE_BAD_REPLY: {
    message: "Cannot read the reply of the API server at {server}: {why}",
    fault: "upstream",
    retry: "later",
  },
  KUBE_REPLY_TOO_LARGE: {
    message: "Cannot read the reply of the API server: it is larger than {limit} bytes",
    fault: "upstream",
    retry: "never",
  },
  KUBE_CONFIG: { message: "Cannot read the kubeconfig {file}: {why}", fault: "caller", retry: "never" },
  KUBE_WATCH_STALLED: {
    message: "Cannot trust the watch of {path}: nothing came for {ms} ms",
    fault: "upstream",
    retry: "later",
  },
});
