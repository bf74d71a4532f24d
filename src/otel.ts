/**
 * `tidemark/otel`: metrics and spans from what the engine tells of itself, through `@opentelemetry/api`.
 *
 * ```ts
 * const telemetry = createTelemetry();
 * const sync = createSync({ providers, observe: telemetry.observe });
 * telemetry.watch(sync);
 * ```
 * Nothing is measured, and next to nothing costs time, unless the application has registered an SDK of OpenTelemetry.
 * @module
 */
import { type MeterProvider, metrics, type TracerProvider, trace } from "@opentelemetry/api";
import type { EngineEvent } from "./events.ts";
import type { Health } from "./health.ts";
import { createCounts } from "./otel/counts.ts";
import { createGauges } from "./otel/gauges.ts";
import { createSpans } from "./otel/spans.ts";
import { systemTime, type Time } from "./time.ts";

export { traceOf } from "./otel/trace.ts";

/** The options of {@link createTelemetry}. */
export interface TelemetryOptions {
  /** Default: the global ones. */
  meterProvider?: MeterProvider;
  tracerProvider?: TracerProvider;
  /**
   * The part of the traces of the providers' events that is sampled, from 0 to 1, default 1. The event's id decides, so that all
   * processes decide the same. A sampler of the SDK that heeds what is above a span follows it.
   */
  sampled?: number;
  /** The clock that spans are dated by. Default the machine's; that of `createSync` where it has another. */
  time?: Time;
}

/** What joins an engine and OpenTelemetry. */
export interface Telemetry {
  /** To be given to `createSync`, or called from an observer of the application's own. Never throws. */
  observe(event: EngineEvent): void;
  /**
   * Has gauges read `health()` each time they are collected, once for all of them: backlog, alarms, what webhooks lost.
   * Answers what ends that.
   */
  watch(sync: { health(): Promise<Health> }): () => void;
}

const NAME = "tidemark";

/** @throws nothing: without a registered SDK it measures nothing */
export function createTelemetry({
  meterProvider = metrics.getMeterProvider(),
  tracerProvider = trace.getTracerProvider(),
  sampled = 1,
  time = systemTime,
}: TelemetryOptions = {}): Telemetry {
  const meter = meterProvider.getMeter(NAME);
  const count = createCounts(meter);
  const span = createSpans(tracerProvider.getTracer(NAME), time, sampled);
  return {
    observe(event) {
      count(event);
      span(event);
    },
    watch: (sync) => createGauges(meter, sync, time),
  };
}
