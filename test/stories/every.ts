/** Every case of something small, instead of one example. */

/** All orders of a list. */
export function permutations<T>(list: readonly T[]): T[][] {
  if (list.length === 0) return [[]];
  return list.flatMap((first, i) => permutations(list.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

/** All ways to do the steps of several courses one at a time, each course in its own order. */
export function interleavings<T>(courses: readonly (readonly T[])[]): T[][] {
  const open = courses.filter((course) => course.length > 0);
  if (open.length === 0) return [[]];
  return open.flatMap((course) => {
    const others = open.map((other) => (other === course ? course.slice(1) : other));
    return interleavings(others).map((rest) => [course[0] as T, ...rest]);
  });
}

/** Runs it once for each course that its choices can take; a choice answers a number from 0 to below `of`. */
export async function everyChoice(run: (choose: (of: number) => number) => Promise<void>): Promise<number> {
  let path: { choice: number; of: number }[] = [];
  for (let runs = 1; ; runs++) {
    let depth = 0;
    await run((of) => {
      const known = path[depth];
      if (!known) path.push({ choice: 0, of });
      return path[depth++]?.choice ?? 0;
    });
    path = path.slice(0, path.findLastIndex(({ choice, of }) => choice + 1 < of) + 1);
    const last = path.at(-1);
    if (!last) return runs;
    last.choice++;
  }
}

/** Steps of the event loop, in which whatever does not wait for time goes on. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
