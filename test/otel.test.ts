/** `tidemark/otel`: metrics and spans, through a real SDK. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { context, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createSync } from "tidemark";
import { createTelemetry, type TelemetryOptions, traceOf } from "tidemark/otel";
import { createDesk, memory, webhookOf } from "./desk.ts";

const SECRET = "canary-5f1e";

async function setUp(t: { after(run: () => unknown): void }, options: Pick<TelemetryOptions, "sampled"> = {}) {
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const telemetry = createTelemetry({ ...options, meterProvider, tracerProvider });
  const desk = createDesk();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(), observe: telemetry.observe });
  const unwatch = telemetry.watch(sync);
  t.after(async () => {
    unwatch();
    await Promise.all([meterProvider.shutdown(), tracerProvider.shutdown()]);
    await sync.stop();
  });
  /** The latest value of each series, as `name{attribute=value}`. */
  const collect = async (): Promise<Map<string, number>> => {
    await reader.forceFlush();
    const series = new Map<string, number>();
    for (const { scopeMetrics } of metricExporter.getMetrics()) {
      for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        for (const { value, attributes } of dataPoints) {
          const labels = Object.entries(attributes).map(([name, of]) => `${name}=${of}`);
          const number = typeof value === "number" ? value : value.count;
          series.set(`${descriptor.name}{${labels.sort().join()}}`, number ?? 0);
        }
      }
    }
    return series;
  };
  return { desk, sync, collect, spans };
}

test("a webhook, its read, its change and the handlers of it are one trace", async (t) => {
  const { desk, sync, spans } = await setUp(t);
  sync.subscribe("first", () => {});
  sync.subscribe("second", () => {});
  await sync.drain();
  const hint = desk.put("a", SECRET);
  await sync.webhook("desk", webhookOf([hint]));
  await sync.drain();
  const all = spans.getFinishedSpans();
  const named = (name: string) => all.filter((span) => span.name === name).at(-1);
  const [webhook, read, change] = [named("webhook desk"), named("read desk.note"), named("change desk.note")];
  assert.equal(webhook?.spanContext().traceId, traceOf("desk", "evt_1"));
  assert.equal(read?.parentSpanContext?.spanId, webhook?.spanContext().spanId);
  assert.equal(change?.parentSpanContext?.spanId, read?.spanContext().spanId);
  for (const name of ["handle first", "handle second"]) {
    assert.equal(named(name)?.parentSpanContext?.spanId, change?.spanContext().spanId, name);
    assert.equal(named(name)?.spanContext().traceId, webhook?.spanContext().traceId);
  }
  assert.equal(read?.attributes["tidemark.id"], "a");
  assert.deepEqual(read?.attributes["tidemark.events"], ["evt_1"]);
  assert.equal(read?.attributes["tidemark.class"], "live");
  const seconds = ([whole, rest]: readonly [number, number]) => whole + rest / 1e9;
  for (const span of all) assert.ok(seconds(span.endTime) >= seconds(span.startTime), span.name);
  assert.doesNotMatch(JSON.stringify(all.map(({ name, attributes, status }) => [name, attributes, status])), /canary/);
});

test("a webhook stands within the host's own request", async (t) => {
  const { desk, sync, spans } = await setUp(t);
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const host = trace.setSpanContext(context.active(), { traceId, spanId: "b7ad6b7169203331", traceFlags: 1 });
  context.setGlobalContextManager(new (await import("./otel.context.ts")).HereContext(host));
  t.after(() => context.disable());
  await sync.webhook("desk", webhookOf([desk.put("a", "1")]));
  assert.equal(spans.getFinishedSpans()[0]?.spanContext().traceId, traceId);
});

test("a read is in the trace of an event until one has answered it, and then of none", async (t) => {
  const { desk, sync, spans } = await setUp(t);
  desk.put("a", "1");
  await sync.drain();
  // It says nothing new: the event is named by no change.
  await sync.webhook("desk", webhookOf([{ type: "note", id: "a", event: { id: "evt_same", name: "note.seen" } }]));
  await sync.drain();
  await sync.get("desk.note", "a", { maxAge: 0 });
  const reads = spans.getFinishedSpans().filter(({ name }) => name === "read desk.note");
  assert.deepEqual(
    reads.map(({ attributes }) => attributes["tidemark.events"]),
    [["evt_same"], undefined],
  );
});

test("of the traces of events a part is sampled, and every process decides the same", async (t) => {
  const seen = await Promise.all(
    [1, 2].map(async () => {
      const { desk, sync, spans } = await setUp(t, { sampled: 0.5 });
      await sync.drain();
      for (let i = 0; i < 100; i++) await sync.webhook("desk", webhookOf([desk.put("a", `${i}`)]));
      return spans
        .getFinishedSpans()
        .flatMap(({ name, attributes }) => (name === "webhook desk" ? attributes["tidemark.events"] : []));
    }),
  );
  const [one = [], other] = seen;
  assert.ok(one.length > 30 && one.length < 70, `${one.length} of 100`);
  assert.deepEqual(one, other);
});

test("what fails is an error of its span, in our own words", async (t) => {
  const { desk, sync, spans } = await setUp(t);
  sync.subscribe("broken", () => {
    throw new Error(SECRET);
  });
  await sync.webhook("desk", webhookOf([], "forged"));
  desk.put("a", "1");
  await sync.drain();
  const failed = spans.getFinishedSpans().filter(({ status }) => status.code === 2);
  assert.deepEqual(failed.map(({ name }) => name).sort(), ["handle broken", "webhook desk"]);
  assert.doesNotMatch(JSON.stringify(failed.map(({ status, attributes }) => [status, attributes])), /canary/);
});

test("metrics count webhooks, reads, changes and deliveries, and gauges say what health says", async (t) => {
  const { desk, sync, collect } = await setUp(t);
  let broken = true;
  sync.subscribe("all", () => {
    if (broken) throw new Error("not now");
  });
  await sync.drain();
  await sync.webhook("desk", webhookOf([desk.put("a", "1")]));
  await sync.webhook("desk", webhookOf([], "forged"));
  await sync.drain();
  const series = await collect();
  const of = (name: string) => series.get(name) ?? 0;
  assert.equal(of("tidemark.webhook.duration{outcome=accepted,provider=desk}"), 1);
  assert.equal(of("tidemark.webhook.duration{outcome=rejected,provider=desk}"), 1);
  assert.equal(of("tidemark.read.duration{class=live,outcome=newer,type=desk.note}"), 1);
  assert.equal(of("tidemark.changes{type=desk.note,via=webhook}"), 1);
  assert.equal(of("tidemark.delivery.duration{outcome=parked,subscription=all}"), 1);
  assert.equal(of("tidemark.resources{type=desk.note}"), 1);
  assert.equal(of("tidemark.subscription.parked{subscription=all}"), 1);
  assert.ok(of("tidemark.alarms{}") >= 1);
  const credential = "credential=,provider=desk";
  assert.equal(of(`tidemark.budget.rate{${credential}}`), 900_000);
  assert.ok(of(`tidemark.budget.left{${credential}}`) > 900_000);
  assert.equal(series.get(`tidemark.budget.wait{${credential}}`), 0);
  assert.equal(series.has(`tidemark.budget.remaining{${credential}}`), false, "the desk's answers say nothing of it");
  broken = false;
  await sync.retry("all");
  await sync.drain();
  const after = await collect();
  assert.equal(after.get("tidemark.subscription.parked{subscription=all}"), 0);
  assert.equal(after.get("tidemark.delivery.lag{subscription=all}"), 1);
  assert.ok(
    [...after.keys()].every((name) => !/=a\b/.test(name)),
    "no id is an attribute",
  );
});

test("without an SDK it does nothing, and breaks nothing", async (t) => {
  const telemetry = createTelemetry();
  const desk = createDesk();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(), observe: telemetry.observe });
  t.after(() => sync.stop());
  telemetry.watch(sync)();
  desk.put("a", "1");
  assert.equal(await sync.drain(), true);
});
