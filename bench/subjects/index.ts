/**
 * All subjects, in the order in which they are run.
 * @module
 */
import type { Subject } from "../harness/bench.ts";
import { burst } from "./burst.ts";
import { ingest } from "./ingest.ts";
import { latency } from "./latency.ts";
import { log } from "./log.ts";
import { memory } from "./memory.ts";
import { pipeline } from "./pipeline.ts";
import { sweep } from "./sweep.ts";

export const subjects: readonly Subject[] = [ingest, latency, pipeline, burst, sweep, log, memory];
