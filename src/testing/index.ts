/**
 * `tidemark/testing`: what proves a store of your own.
 * @module
 */
export { type OpenStore, type RegisterTest, type Table, testStore } from "./store.ts";
