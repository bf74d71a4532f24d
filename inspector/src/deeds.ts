/**
 * What can be done from here, each with what came of it in a line.
 * @module
 */
import { act } from "./api.ts";
import type { AuditReport, Ref, SweepReport } from "./wire.ts";
import { count, many } from "./words.ts";

const within = (scope: string | undefined) => (scope === undefined ? {} : { scope });

/** What is asked for: of one type, or of all; in one scope, or in all. */
export interface Part {
  type?: string | undefined;
  scope?: string | undefined;
}

export async function sweep({ type, scope }: Part): Promise<string> {
  const { reports } = await act<{ reports: SweepReport[] }>(["sweep"], { ...(type && { type }), ...within(scope) });
  const changes = reports.reduce((sum, report) => sum + report.changes, 0);
  const suspects = reports.reduce((sum, report) => sum + report.suspects, 0);
  return `${nameOf({ type, scope })} swept: ${many(changes, "change")} found, ${count(suspects)} looked at because they were not listed`;
}

export async function audit({ type, scope }: Part): Promise<string> {
  const { reports } = await act<{ reports: AuditReport[] }>(["audit"], { ...(type && { type }), ...within(scope) });
  const checked = reports.reduce((sum, report) => sum + report.checked, 0);
  const different = reports.flatMap(({ differences }) => differences);
  const some = different.slice(0, 3).map(({ id, how }) => `${id} is ${how}`);
  const told = different.length === 0 ? "no difference" : `${many(different.length, "difference")}: ${some.join(", ")}`;
  return `${nameOf({ type, scope })} compared: ${count(checked)} checked, ${told}`;
}

const nameOf = ({ type, scope }: Part): string => [type ?? "Everything", scope].filter(Boolean).join(" ");

export async function lookAgain({ type, scope, id }: Ref): Promise<string> {
  await act(["resources", type, id, "hint"], { scope });
  return `${type} ${id} is read soon`;
}

export async function retry(name: string): Promise<string> {
  const { resources } = await act<{ resources: number }>(["subscriptions", name, "retry"], {});
  return `${name}: ${many(resources, "resource")} tried again`;
}

export async function skip(name: string, { type, scope, id }: Ref): Promise<string> {
  const { skipped } = await act<{ skipped: boolean }>(["subscriptions", name, "skip"], { type, scope, id });
  return skipped ? `${name}: the change of ${type} ${id} is left out` : `${name}: ${type} ${id} waited no more`;
}

export async function rewind(name: string, cursor: string | null): Promise<string> {
  await act(["subscriptions", name, "rewind"], { cursor });
  return `${name} goes on ${cursor === null ? "from the beginning" : `after ${cursor}`}`;
}
