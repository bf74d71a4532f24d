import type { Fetch } from "tidemark/client";
import { rest, state } from "tidemark/rest";
import type { Secrets } from "tidemark/verify";

export type Stream = { id: string; title: string; status: "live" | "ended"; updated_at: string };
export type Video = { id: string; stream_id: string; duration: number; updated_at: string };

const paging = { by: "cursor", next: "next_cursor", param: "cursor" } as const;
const list = { rows: "data", query: { limit: 100 }, paging, whole: true };
const version = { time: "updated_at" };

export const liveapi = ({ token, secret, fetch }: { token: string; secret: Secrets; fetch: Fetch }) =>
  rest({
    name: "LiveAPI",
    url: "https://api.liveapi.example/v1/",
    auth: { bearer: token },
    webhook: { secret, signature: { header: "x-signature", prefix: "sha256=" } },
    envelope: { name: "type", id: "id", at: "created_at" },
    events: {
      "stream.started": { stream: "data.stream_id" },
      "stream.ended": { stream: "data.stream_id" },
      "recording.ready": { video: "data.video_id", stream: "data.stream_id" },
    },
    resources: {
      stream: {
        ...{ state: state<Stream>(), fetch: "streams/{id}", version },
        list: { path: "streams", ...list },
        updates: { param: "updated_since" },
      },
      video: { state: state<Video>(), fetch: "videos/{id}", version, list: { path: "videos", ...list } },
    },
    fetch,
  });
