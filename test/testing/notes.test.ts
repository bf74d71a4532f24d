/** A right provider passes its contract. */
import { test } from "node:test";
import { testProvider } from "tidemark/testing";
import { samples } from "./notes.ts";

testProvider(test, "notes", samples);
