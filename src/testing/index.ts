/**
 * `tidemark/testing`: what proves a provider or a store of your own, and time that a test owns.
 * @module
 */
export { type Effort, type Figures, testProvider } from "./provider.ts";
export { createRandom, type Random } from "./random.ts";
export type * from "./samples.ts";
export { type OpenStore, type RegisterTest, type Table, testStore } from "./store.ts";
export { createVirtualTime, type VirtualTime, type VirtualTimeOptions } from "./time.ts";
export type { Calls } from "./world/api.ts";
export { type Conditions, calm } from "./world/conditions.ts";
export { createWorld } from "./world/create.ts";
export type { Happening, WorldEvent } from "./world/events.ts";
export type { WorldHook } from "./world/hooks.ts";
export type { WorldOptions } from "./world/options.ts";
export type { Standing } from "./world/service.ts";
export { type TestWorldOptions, testWorld } from "./world/test.ts";
export type { Application, At, World, WriteOptions } from "./world/world.ts";
