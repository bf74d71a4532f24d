/**
 * A subject in a process of its own: `child.ts <file> <name> <place>`. Tells its port.
 * @module
 */
import { serve } from "./process.ts";
import type { Subject } from "./subject.ts";

const [file, name, place = ""] = process.argv.slice(2);
const all: Subject[] = Object.values(await import(`./subjects/${file}.ts`)).flat() as Subject[];
const subject = all.find((one) => one.name === name);
if (!subject) throw new Error(`There is no ${name} in subjects/${file}.ts`);
const { listener } = await subject.open(JSON.parse(place));
process.send?.((await serve(listener)).port);
process.once("disconnect", () => process.exit());
