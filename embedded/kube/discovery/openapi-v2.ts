// /openapi/v2, as far as clients need it today: who the server is, and no kind. kubectl judges the items of a v1 List by this
// document alone; a kind that is not in it is left to the server's own field validation, which is the stricter one.

/** Media type that kubectl asks for and reads nothing else instead of. */
export const OPENAPI_V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

const TITLE = "Kubernetes";

export function openapiV2Json(release: string): string {
  return JSON.stringify({ swagger: "2.0", info: { title: TITLE, version: release }, paths: {}, definitions: {} });
}

/** openapi.v2.Document of gnostic: swagger = 1, info = 2 { title = 1, version = 2 }, paths = 8, definitions = 9. */
export function openapiV2Protobuf(release: string): Buffer {
  const info = Buffer.concat([field(1, Buffer.from(TITLE)), field(2, Buffer.from(release))]);
  const empty = Buffer.alloc(0);
  return Buffer.concat([field(1, Buffer.from("2.0")), field(2, info), field(8, empty), field(9, empty)]);
}

/** A length-delimited field; every length here fits into one byte. */
function field(number: number, bytes: Buffer): Buffer {
  if (bytes.length > 127) throw new RangeError(`a field of ${bytes.length} bytes needs a longer length`);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
