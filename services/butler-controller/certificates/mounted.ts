import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isPair, type KeyPair } from "@holdfast/runtime/tls/certificate-authority";
import { controllerErrors } from "../errors.ts";

/**
 * Reads `tls.crt` and `tls.key` of a mounted Secret.
 *
 * @throws BUTLER_CERTIFICATE_UNUSABLE when a file is missing or the two do not belong together
 */
export async function readMounted(dir: string): Promise<KeyPair> {
  let pair: KeyPair;
  try {
    const [cert, key] = await Promise.all([
      readFile(join(dir, "tls.crt"), "utf8"),
      readFile(join(dir, "tls.key"), "utf8"),
    ]);
    pair = { cert, key };
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === "ENOENT" ? "tls.crt or tls.key is missing" : "it cannot be read";
    throw controllerErrors.create("BUTLER_CERTIFICATE_UNUSABLE", { where: dir, why }, { cause });
  }
  if (!isPair(pair))
    throw controllerErrors.create("BUTLER_CERTIFICATE_UNUSABLE", {
      where: dir,
      why: "tls.key does not belong to tls.crt",
    });
  return pair;
}
