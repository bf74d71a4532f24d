/**
 * The place where it all happens.
 * @module
 */

/** The repository, of which the emulated GitHub has only this one. */
export const OWNER = "acme";
export const REPO = "shop";
export const SCOPE = `${OWNER}/${REPO}`;

/** Fields that say nothing, by type: the emulated GitHub raises a milestone's `updated_at` whenever it is read. */
export const UNSTABLE: Readonly<Record<string, readonly string[]>> = { "github.milestone": ["updated_at"] };
