/**
 * CHANGELOG.md as text: what is below Unreleased, and what the last release was.
 * @module
 */

const UNRELEASED = "Unreleased";

export interface Section {
  /** `Unreleased`, or a version. */
  title: string;
  /** Without blank lines around it; `""` if nothing is said. */
  body: string;
}

/** The sections, the newest first: `## Unreleased`, `## 0.2.0 (2026-11-30)`. */
export function sectionsOf(changelog: string): Section[] {
  const [, ...sections] = changelog.split(/^## /m);
  return sections.map((section) => {
    const [head = "", ...lines] = section.split("\n");
    return { title: head.replace(/ \(.*\)$/, "").trim(), body: lines.join("\n").trim() };
  });
}

/** What is not released yet. */
export const unreleased = (changelog: string): string =>
  sectionsOf(changelog).find(({ title }) => title === UNRELEASED)?.body ?? "";

/** The version of the last release; undefined before the first. */
export const lastRelease = (changelog: string): string | undefined =>
  sectionsOf(changelog).find(({ title }) => title !== UNRELEASED)?.title;

/**
 * The changelog of a release: what was below Unreleased is below the version.
 * @param day as `2026-11-30`
 * @throws Error if there is nothing to release, or the version is there already
 */
export function stamp(changelog: string, version: string, day: string): string {
  if (unreleased(changelog) === "")
    throw new Error("CHANGELOG.md says nothing below Unreleased: what is there to release?");
  if (sectionsOf(changelog).some(({ title }) => title === version))
    throw new Error(`CHANGELOG.md has a ${version} already`);
  return changelog.replace(/^## Unreleased$/m, () => `## ${UNRELEASED}\n\n## ${version} (${day})`);
}
