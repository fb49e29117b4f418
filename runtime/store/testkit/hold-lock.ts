// A process that takes the directory named by its argument, says so, and holds on until it is killed.
import { lockDirectory } from "../directory-lock.ts";

await lockDirectory(process.argv[2] as string);
process.stdout.write("held\n");
setInterval(() => undefined, 60_000);
