/**
 * Who is compared, in the order of the columns.
 * @module
 */
import type { Subject } from "../subject.ts";
import { octokitWebhooks } from "./octokit-webhooks.ts";
import { stripeSyncEngine } from "./stripe-sync-engine.ts";
import { tidemark } from "./tidemark.ts";

export const subjects: readonly Subject[] = [...tidemark, ...stripeSyncEngine, octokitWebhooks];
