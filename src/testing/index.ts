/**
 * `tidemark/testing`: what proves a store of your own.
 * @module
 */
export { type OpenStore, type RegisterTest, testStore } from "./store.ts";
