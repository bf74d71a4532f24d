/**
 * `tidemark/testing`: what proves a provider or a store of your own, and time that a test owns.
 * @module
 */
export { type Effort, type Figures, testProvider } from "./provider.ts";
export { createRandom, type Random } from "./random.ts";
export type * from "./samples.ts";
export { type OpenStore, type RegisterTest, type Table, testStore } from "./store.ts";
export { createVirtualTime, type VirtualTime, type VirtualTimeOptions } from "./time.ts";
