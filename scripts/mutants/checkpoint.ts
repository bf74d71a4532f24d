import { type Mutant, mutantsOf } from "./mutant.ts";

const at = mutantsOf("checkpoint-", "src/checkpoint.ts", ["test/checkpoint.test.ts"]);

/** Every guard of checkpoint.ts. */
export const checkpoint: readonly Mutant[] = [
  at("held", "while another holds it nobody acquires it", `mayHold(at, tick, holder) ?`, `true ?`),
  at(
    "free",
    "what is free can be acquired",
    `at.holder === null || at.holder === holder ||`,
    `at.holder === holder ||`,
  ),
  at("own", "its holder prolongs it", `at.holder === holder || at.until <= tick;`, `at.until <= tick;`),
  at("over", "a hold that is over can be taken", `at.holder === holder || at.until <= tick;`, `at.holder === holder;`),
  at("over-at", "at its end, not after it", `at.until <= tick;`, `at.until < tick;`),
  at("until", "a hold has an end", `{ ...at, holder, until: tick + ttl }`, `{ ...at, holder }`),
  at(
    "advance-holder",
    "who has lost it saves nothing",
    `=> (at.holder === holder ? { ...at, value`,
    `=> (true ? { ...at, value`,
  ),
  at(
    "advance-value",
    "the value is saved",
    `{ ...at, value, until: tick + ttl, at: tick }`,
    `{ ...at, until: tick + ttl, at: tick }`,
  ),
  at(
    "advance-until",
    "advancing keeps hold",
    `{ ...at, value, until: tick + ttl, at: tick }`,
    `{ ...at, value, at: tick }`,
  ),
  at(
    "advance-at",
    "the time of the advance is saved",
    `{ ...at, value, until: tick + ttl, at: tick }`,
    `{ ...at, value, until: tick + ttl }`,
  ),
  at(
    "release-holder",
    "only its holder lets go",
    `at.holder === holder ? { ...at, holder: null`,
    `true ? { ...at, holder: null`,
  ),
  at("release", "letting go frees it", `{ ...at, holder: null, until: 0 }`, `{ ...at }`),
];
