/** A process of its own that does what its parent says, and answers the spans that it made. */
import { context, trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import pg from "pg";
import { createSync, type Hint } from "tidemark";
import { createTelemetry } from "tidemark/otel";
import { postgres } from "tidemark/postgres";
import { createDesk, webhookOf } from "./desk.ts";
import { HereContext } from "./otel.context.ts";

/** What a process is told to do. */
export type Order =
  /** A webhook comes, within a request that the host traces, or none. */
  | { hints: Hint<"note">[]; request?: { traceId: string; spanId: string } }
  /** All is done that is due; the note's text at the service is this by then. */
  | { drain: string };

/** A span as it was exported. */
export interface Spanned {
  name: string;
  traceId: string;
  spanId: string;
  parent: string | undefined;
  links: string[];
}

const [, , url = "", schema = "", ...subscriptions] = process.argv;
const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const { observe } = createTelemetry({ tracerProvider });
const desk = createDesk({ feed: false });
const pool = new pg.Pool({ connectionString: url, max: 2 });
const sync = createSync({ providers: { desk: desk.provider }, store: postgres({ pool, schema }), observe });
for (const name of subscriptions) sync.subscribe(name, () => {});

async function follow(order: Order): Promise<void> {
  if ("drain" in order) {
    if (order.drain !== "") desk.put("a", order.drain);
    return void (await sync.drain());
  }
  const at = order.request;
  const within = at && trace.setSpanContext(context.active(), { ...at, traceFlags: 1 });
  if (within) context.setGlobalContextManager(new HereContext(within));
  await sync.webhook("desk", webhookOf(order.hints));
  context.disable();
}

process.on("message", async (order: Order) => {
  exporter.reset();
  await follow(order);
  const spans = exporter.getFinishedSpans().map((span): Spanned => {
    const { traceId, spanId } = span.spanContext();
    const links = span.links.map(({ context }) => context.traceId);
    return { name: span.name, traceId, spanId, parent: span.parentSpanContext?.spanId, links };
  });
  process.send?.(spans);
});
process.on("disconnect", async () => {
  await sync.stop();
  await pool.end();
});
