/** What carries webhooks: it loses some, has some come late or twice, and tries again when nobody took one. */
import type { Random, VirtualTime } from "tidemark/testing";
import { signStandardWebhook } from "tidemark/verify";
import { eventOf } from "./plugin.ts";
import type { Service } from "./service.ts";

/** A write that a webhook tells of. */
export interface Write {
  service: Service;
  scope: string;
  id: string;
  place: number;
}

export interface Network {
  /** Sends the webhook of a write. */
  send(write: Write): void;
  readonly counts: Readonly<Record<"sent" | "lost" | "late" | "doubled" | "again" | "acknowledged", number>>;
}

interface Given {
  time: VirtualTime;
  random: Random;
  /** The secret that is signed with. */
  secret(): string;
  /** The part of the webhooks that is lost just now. */
  loss(service: Service): number;
  /** Brings it to the application. Answers the status; undefined: nobody answers. */
  post(service: Service, request: Request): Promise<number | undefined>;
  acknowledged(write: Write): void;
  refused(write: Write, status: number): void;
}

const MINUTE = 60_000;
/** Milliseconds until a sender tries again. */
const AGAIN = [MINUTE, 10 * MINUTE, 60 * MINUTE, 360 * MINUTE];

export function createNetwork({ time, random, secret, loss, post, ...given }: Given): Network {
  const counts = { sent: 0, lost: 0, late: 0, doubled: 0, again: 0, acknowledged: 0 };

  async function attempt(write: Write, tries: number): Promise<void> {
    const status = await post(write.service, requestOf(write, secret(), time.now()));
    if (status === 202) {
      counts.acknowledged++;
      given.acknowledged(write);
      return;
    }
    if (status !== undefined) given.refused(write, status);
    const wait = AGAIN[tries];
    if (wait === undefined) return;
    counts.again++;
    time.after(wait, () => void attempt(write, tries + 1));
  }
  const carry = (write: Write) => {
    const late = random.chance(0.02);
    if (late) counts.late++;
    time.after(late ? random.int(MINUTE, 360 * MINUTE) : random.int(200, 3_000), () => void attempt(write, 0));
  };
  return {
    counts,
    send(write) {
      counts.sent++;
      if (random.chance(loss(write.service))) {
        counts.lost++;
        return;
      }
      carry(write);
      if (!random.chance(0.03)) return;
      counts.doubled++;
      carry(write);
    },
  };
}

/** The webhook, signed now. */
export function requestOf({ service, scope, id, place }: Write, secret: string, now: number): Request {
  const at = service.history(scope, id)[place]?.at ?? now;
  const body = JSON.stringify({ type: "note", scope, id, event: eventOf(scope, id, place, at) });
  const headers = signStandardWebhook([secret], { id: `msg_${place}`, at: new Date(now), body });
  return new Request("http://x/", { method: "POST", body, headers });
}
