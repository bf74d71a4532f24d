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
import { createTelemetry } from "tidemark/otel";
import { createDesk, memory, webhookOf } from "./desk.ts";

const SECRET = "canary-5f1e";

async function setUp(t: { after(run: () => unknown): void }) {
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const telemetry = createTelemetry({ meterProvider, tracerProvider });
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

test("a webhook, its read and the handlers of its change are one trace", async (t) => {
  const { desk, sync, spans } = await setUp(t);
  sync.subscribe("first", () => {});
  sync.subscribe("second", () => {});
  await sync.drain();
  const hint = desk.put("a", SECRET);
  await sync.webhook("desk", webhookOf([hint]));
  await sync.drain();
  const all = spans.getFinishedSpans();
  const named = (name: string) => all.filter((span) => span.name === name).at(-1);
  const [webhook, read] = [named("webhook desk"), named("read desk.note")];
  assert.equal(read?.parentSpanContext?.spanId, webhook?.spanContext().spanId);
  for (const name of ["handle first", "handle second"]) {
    assert.equal(named(name)?.parentSpanContext?.spanId, read?.spanContext().spanId, name);
    assert.equal(named(name)?.spanContext().traceId, webhook?.spanContext().traceId);
  }
  assert.equal(read?.attributes["tidemark.id"], "a");
  assert.equal(read?.attributes["tidemark.class"], "live");
  for (const span of all) assert.ok(span.endTime >= span.startTime);
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
