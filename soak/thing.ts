/** What the service of the soak has, and the plugin that reads it. */
import { type Provider, WebhookRejected } from "tidemark";
import { createClient, path } from "tidemark/client";
import { verifyHmac } from "tidemark/verify";

export const SECRET = "a secret that only the soak's processes know";
export const SIGNATURE = "x-signature";

/** A resource of the service. Each write raises its version. */
export interface Thing {
  id: string;
  version: number;
  /** When it was written, in ms. */
  at: number;
  text: string;
}

/** What a webhook says. */
export interface Told {
  event: string;
  id: string;
  version: number;
}

/** A page of the list. */
export interface Page {
  things: Thing[];
  next: string | null;
}

/** @param api where the service answers: `"http://127.0.0.1:4000"` */
export function things(api: string): Provider<{ thing: Thing }> {
  const client = createClient({ name: "the service", url: `${api}/` });
  return {
    limits: { rate: 1e6 },
    webhook({ headers, body }) {
      if (!verifyHmac([SECRET], [body], headers.get(SIGNATURE) ?? ""))
        throw new WebhookRejected("the signature is wrong");
      const { event, id, version } = JSON.parse(Buffer.from(body).toString()) as Told;
      return [{ type: "thing", id, version, event: { id: event, name: "thing.written" } }];
    },
    resources: {
      thing: {
        async fetch(id, context) {
          const { status, body } = await client.get(path`things/${id}`, context, { allow: [404] });
          return status === 404 ? null : (body as Thing);
        },
        async list(page, context) {
          const { body } = await client.get("things", context, { query: { after: page ?? "" } });
          const { things, next } = body as Page;
          return { items: things, next };
        },
        id: ({ id }) => id,
        version: ({ version }) => version,
        versionKind: "strict",
      },
    },
  };
}
