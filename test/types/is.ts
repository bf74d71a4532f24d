/**
 * What the types promise, as programs that are compiled and never run: by `npm run check` against the sources, and against the
 * packed package with each TypeScript that is supported.
 * @module
 */

/** `true` if two types are the same; `any` is the same as nothing but itself. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `is<A, B>(true)` compiles if the types are the same, `is<A, B>(false)` if they are not. */
export declare function is<A, B>(same: Same<A, B>): void;

// @ts-expect-error: it bites where the types differ
is<"a" | "b", "a">(true);
// @ts-expect-error: and where one of them says nothing
is<unknown, "a">(true);
