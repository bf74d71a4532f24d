/**
 * All subjects, in the order in which they are run.
 * @module
 */
import type { Subject } from "../harness/bench.ts";
import { burst } from "./burst.ts";
import { ingest } from "./ingest.ts";
import { latency } from "./latency.ts";
import { pipeline } from "./pipeline.ts";

export const subjects: readonly Subject[] = [ingest, latency, pipeline, burst];
