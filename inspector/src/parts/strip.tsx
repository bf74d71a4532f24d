/**
 * A provider at a glance: last webhook, what waits, what was lost.
 * @module
 */
import type { ComponentChildren } from "preact";
import { act } from "../api.ts";
import { useApp } from "../app.ts";
import { type Share, type Summary, WINDOWS } from "../providers.ts";
import { linkTo } from "../route.ts";
import { isOf, seriesOf } from "../series.ts";
import type { LossHour } from "../wire.ts";
import { count, due, many, percent, short } from "../words.ts";
import { Act } from "./act.tsx";
import { Ago, Badge } from "./bits.tsx";
import { Spark } from "./spark.tsx";

const NAMES = { hour: "Lost in 1 h", day: "in 24 h", week: "in 7 d" } as const;

export function Strip({ summary, hours }: { summary: Summary; hours: readonly LossHour[] | undefined }) {
  const { about, now } = useApp();
  const { key, live, scopes, types, dirty, failing, oldest, lastWebhook, loss, paused, sweeping } = summary;
  const series = hours && seriesOf(hours, isOf(key), now);
  const isBehind = oldest !== null && now - Date.parse(oldest) > 60_000;
  return (
    <article class="strip" aria-label={key}>
      <div class="strip-name">
        <h2>
          <a href={linkTo("types", [], { provider: key })}>{key}</a>
        </h2>
        <p class="muted">
          {many(live, "resource")}, {many(new Set(types.map(({ type }) => type)).size, "type")}
          {scopes > 1 && `, ${many(scopes, "scope")}`}
        </p>
        <p>
          {paused && <Badge kind="warn">{paused.scopes > 0 ? many(paused.scopes, "scope") : ""} paused</Badge>}
          {sweeping > 0 && <Badge>{sweeping} being swept</Badge>}
        </p>
      </div>
      <Figure name="Last webhook">{about.providers[key]?.webhook ? <Ago at={lastWebhook} /> : "takes none"}</Figure>
      <Figure name="Waiting" link={linkTo("waiting", [], { state: "dirty", provider: key })}>
        {count(dirty)}
      </Figure>
      <Figure name="Oldest due" bad={isBehind}>
        {oldest === null ? "–" : due(oldest, now)}
      </Figure>
      <Figure name="Failing" bad={failing > 0} link={linkTo("waiting", [], { state: "failing" })}>
        {count(failing)}
      </Figure>
      {WINDOWS.map((window) => (
        <Figure
          key={window}
          name={NAMES[window]}
          bad={window === "hour" && loss[window].lost > 0}
          class={`loss ${window}`}
        >
          <Lost share={loss[window]} />
        </Figure>
      ))}
      <a class="strip-spark" href={linkTo("loss", [], { provider: key })} aria-label={`What webhooks of ${key} lost`}>
        {series && <Spark counts={series.counts.lost} />}
      </a>
      <div class="strip-acts">
        <PauseButton provider={key} paused={paused !== null} />
      </div>
    </article>
  );
}

function Figure(props: { name: string; bad?: boolean; link?: string; class?: string; children: ComponentChildren }) {
  const { name, bad = false, link, children } = props;
  return (
    <dl class={`figure ${props.class ?? ""}`}>
      <dt>{name}</dt>
      <dd class={bad ? "bad" : undefined}>{link ? <a href={link}>{children}</a> : children}</dd>
    </dl>
  );
}

function Lost({ share: { lost, events, known } }: { share: Share }) {
  if (!known) return <span class="muted">not known</span>;
  return (
    <>
      {percent(events === 0 ? 0 : lost / events)}
      <small>
        {short(lost)} of {short(events)}
      </small>
    </>
  );
}

function PauseButton({ provider, paused }: { provider: string; paused: boolean }) {
  if (paused) {
    const resume = async () => {
      await act(["resume"], { provider });
      return `${provider} goes on`;
    };
    return <Act label="Resume" about={`Resume ${provider}`} run={resume} />;
  }
  const pause = async () => {
    await act(["pause"], { provider });
    return `${provider} is paused: webhooks are taken and wait`;
  };
  return (
    <Act
      label="Pause"
      about={`Pause ${provider}`}
      confirm="Nothing of it is read, polled or swept until somebody resumes it, also after a restart. Webhooks are taken, and wait."
      run={pause}
    />
  );
}
