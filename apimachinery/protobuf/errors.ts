import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** Why bytes are no Kubernetes protobuf message. */
export const protobufErrors = defineErrors({
  PROTOBUF_MAGIC: {
    message: 'Cannot decode the body: it does not start with the four bytes "k8s\\x00" of the Kubernetes envelope',
    fault: "caller",
    retry: "never",
  },
  PROTOBUF_VARINT_TOO_LONG: {
    message: "Cannot decode the body: a varint longer than its type ends at byte {at}",
    fault: "caller",
    retry: "never",
  },
  PROTOBUF_WIRE_TYPE: {
    message: "Cannot decode the body: wire type {wireType} is not allowed here",
    fault: "caller",
    retry: "never",
  },
  PROTOBUF_DEPTH: {
    message: "Cannot decode the body: messages nest deeper than {limit}",
    fault: "caller",
    retry: "never",
  },
  PROTOBUF_UNKNOWN_KIND: {
    message: 'Cannot decode the body: no built-in kind is known as "{kind}" in "{apiVersion}"',
    fault: "caller",
    retry: "never",
  },
  PROTOBUF_CONTENT: {
    message: 'Cannot decode the body: the envelope holds content of type "{contentType}", encoding "{contentEncoding}"',
    fault: "caller",
    retry: "never",
  },
  PROTOBUF_TEXT: { message: "Cannot decode the body: a string is not valid UTF-8", fault: "caller", retry: "never" },
});
