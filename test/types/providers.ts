/** Every provider gives its states; so does one of your own. */
import { createSync, gone, type Provider, type StateOf } from "tidemark";
import { gitlab } from "tidemark/gitlab";
import { paypal } from "tidemark/paypal";
import { rest, state } from "tidemark/rest";
import { shopify } from "tidemark/shopify";
import { sns } from "tidemark/sns";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { collection, strapi } from "tidemark/strapi";
import { testStore, testWorld } from "tidemark/testing";
import { verifyHmac } from "tidemark/verify";
import { is } from "./is.ts";

interface Note {
  id: string;
  text: string;
}

export const notes: Provider<{ note: Note }> = {
  resources: {
    note: {
      fetch: async (id) => (id === "" ? gone : { id, text: "" }),
      list: async () => ({ items: [], next: null }),
      id: ({ id }) => id,
      readLag: { fetch: 0, list: 0 },
    },
  },
};

const inner = standardWebhooks({
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  resources: {
    note: { fetch: async (id: string) => ({ id, text: "" }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } },
  },
  probe: async () => {},
});
const providers = {
  notes,
  gitlab: gitlab({ token: "x", webhookSecret: "x", projects: ["7"], types: ["issue", "merge_request"] }),
  strapi: strapi({
    ...{ url: "https://cms.example/api", token: "x", webhookSecret: "x" },
    types: { article: collection<{ title: string }>({ uid: "api::article.article", path: "articles" }) },
  }),
  app: sns({
    ...{ topics: "arn:aws:sns:eu-west-1:123456789012:notes", inner },
    hints: (message) => [{ type: "note", id: message }],
  }),
  paypal: paypal({ clientId: "x", clientSecret: "x", webhookId: "x", types: ["order", "capture"] }),
  shopify: shopify({ shops: ["a.myshopify.com"], token: "x", webhookSecret: "x", types: ["order"] }),
  live: rest({
    ...{ name: "LiveAPI", url: "https://api.example.com/v1/" },
    resources: {
      stream: {
        state: state<{ title: string }>(),
        fetch: "streams/{id}",
        list: { path: "streams" },
        version: { time: "at" },
      },
    },
  }),
};
type State<T extends string> = StateOf<typeof providers, T>;

is<State<"notes.note">, Note>(true);
is<State<"gitlab.merge_request">["title"], string>(true);
is<State<"strapi.article">["title"], string>(true);
is<State<"strapi.article">["documentId"], string>(true);
is<State<"app.note">["text"], string>(true);
is<State<"paypal.capture">["status"] extends string ? true : false, true>(true);
is<State<"shopify.order">["currentTotalPriceSet"]["shopMoney"]["amount"], string>(true);
is<State<"live.stream">, { title: string }>(true);

createSync({ providers }).subscribe("all", (change) => {
  if (change.type === "notes.note") is<typeof change.after, Note | null>(true);
  if (change.type === "live.stream") change.after?.title.toUpperCase();
  // @ts-expect-error: this type was not selected
  if (change.type === "paypal.refund") return;
});

export const wrong: Provider<{ note: Note }> = {
  resources: {
    // @ts-expect-error: an id is a text
    note: { fetch: async () => null, id: () => 1 },
  },
};
export const others = [testStore, testWorld, verifyHmac];
