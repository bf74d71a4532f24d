/**
 * When a change may land, and when a version may be published.
 * @module
 */
import { lastRelease, unreleased } from "./changelog.ts";

/** What is published as code: who uses it must be told of a change. */
export const PUBLISHED = ["src", "providers", "outlets", "cli"] as const;

/** What speaks against a change, a sentence each. `changed`: the files that differ from the last release. */
export function objections(changelog: string, changed: readonly string[]): string[] {
  const [first] = changed.filter((file) => PUBLISHED.some((folder) => file.startsWith(`${folder}/`)));
  if (first === undefined || unreleased(changelog) !== "") return [];
  const since = lastRelease(changelog) ?? "the beginning";
  return [`${first} has changed since ${since}, and CHANGELOG.md says nothing below Unreleased: add a line`];
}

/** What is to be published. */
export interface Release {
  changelog: string;
  /** Of package.json. */
  version: string;
  /** Of package-lock.json. */
  locked: string;
  /** Of the commit. */
  tags: readonly string[];
  /** The URL in package.json; undefined if it names none. */
  repository?: string | undefined;
}

/** Why a version is not to be published, a sentence each. */
export function refusals({ changelog, version, locked, tags, repository }: Release): string[] {
  const last = lastRelease(changelog);
  const tag = `v${version}`;
  const rules: [wrong: boolean, why: string][] = [
    [
      unreleased(changelog) !== "",
      "CHANGELOG.md has changes below Unreleased: npm version <version> puts them below one",
    ],
    [last !== version, `package.json says ${version}, the last section of CHANGELOG.md ${last ?? "nothing"}`],
    [locked !== version, `package.json says ${version}, package-lock.json ${locked}`],
    [!tags.includes(tag), `the commit has no tag ${tag}: npm version makes it`],
    [!repository, "package.json names no repository, without which npm takes no provenance"],
  ];
  return rules.filter(([wrong]) => wrong).map(([, why]) => why);
}
