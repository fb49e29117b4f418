import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { storeErrors } from "./errors.ts";

/**
 * Reads the directory's format number, or writes `known` into an empty one.
 *
 * @throws STORE_FORMAT_NEWER when the directory belongs to a newer version, STORE_FORMAT_UNREADABLE when the file is damaged
 */
export async function checkFormat(dir: string, known: number): Promise<void> {
  const file = join(dir, "FORMAT");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const handle = await open(`${file}.tmp`, "w", 0o600);
    await handle.writeFile(`${known}\n`);
    await handle.sync();
    await handle.close();
    await rename(`${file}.tmp`, file);
    return;
  }
  if (!/^\d{1,9}\n?$/.test(text)) throw storeErrors.create("STORE_FORMAT_UNREADABLE", { dir });
  const found = Number(text);
  if (found > known) throw storeErrors.create("STORE_FORMAT_NEWER", { dir, found, known });
}
