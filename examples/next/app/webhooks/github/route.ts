/** Next.js, App Router. Route handlers are given the raw request. */
import { sync } from "../../../sync";

/** `node:sqlite` is not in the edge runtime. */
export const runtime = "nodejs";

export const POST = (request: Request) => sync.webhook("github", request);
