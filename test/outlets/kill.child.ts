/** A process that tells a URL what the log holds, until it is killed: `kill.child.ts <file> <url> <ms that its clock is ahead>`. */
import { webhooks } from "tidemark/outlets/webhooks";
import { createTold } from "./kill.log.ts";

const [, , file = "", url = "", ahead = "0"] = process.argv;
const { sync, fill } = createTold(file, Number(ahead));
fill();
const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
webhooks(sync, { name: "out", url, secret, allowHttp: true, allowPrivate: true });
await sync.start();
