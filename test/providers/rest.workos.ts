import type { Fetch } from "tidemark/client";
import { rest, state } from "tidemark/rest";
import type { Secrets } from "tidemark/verify";

export type User = { id: string; email: string; first_name: string | null; created_at: string; updated_at: string };
export type Organization = { id: string; name: string; created_at: string; updated_at: string };

const query = { limit: 100, order: "asc" };
const paging = { by: "cursor", next: "list_metadata.after", param: "after" } as const;
const ordered = { version: { time: "updated_at" }, incarnation: "created_at" };
const kinds = ["user", "organization"].flatMap((type) =>
  ["created", "updated", "deleted"].map((what) => `${type}.${what}`),
);
const signature = { header: "workos-signature", field: "v1", template: "{timestamp}.{body}" };

export const workos = ({ key, secret, fetch }: { key: string; secret: Secrets; fetch: Fetch }) =>
  rest({
    name: "WorkOS",
    url: "https://api.workos.com/",
    auth: { bearer: key },
    webhook: { secret, signature: { ...signature, timestamp: { field: "t", unit: "ms", tolerance: 180_000 } } },
    envelope: { name: "event", id: "id", at: "created_at" },
    events: { "user.*": { user: "data.id" }, "organization.*": { organization: "data.id" } },
    log: {
      ...{ path: "events", rows: "data", query: { ...query, "events[]": kinds } },
      ...{ after: "after", since: { param: "range_start" }, horizon: 30 * 86_400_000 },
    },
    resources: {
      user: {
        ...{ state: state<User>(), fetch: "user_management/users/{id}", ...ordered },
        list: { path: "user_management/users", query, rows: "data", paging, whole: true },
      },
      organization: {
        ...{ state: state<Organization>(), fetch: "organizations/{id}", ...ordered },
        list: { path: "organizations", query, rows: "data", paging, whole: true },
      },
    },
    fetch,
  });
