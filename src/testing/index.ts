/**
 * `tidemark/testing`: what proves a provider or a store of your own.
 * @module
 */
export type * from "./samples.ts";
export { type OpenStore, type RegisterTest, type Table, testStore } from "./store.ts";
