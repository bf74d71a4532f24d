/**
 * Server-Sent Events out of text that comes in pieces. Pure: the browser's own `EventSource` sends no token.
 * @module
 */

export interface ServerEvent {
  /** `message` where the server names none. */
  event: string;
  /** Null: only the place moved. */
  data: string | null;
  /** The last id there was; null: none. */
  id: string | null;
}

/** Takes pieces of a stream; answers the events that are complete with each. */
export function createEventReader(): (piece: string) => ServerEvent[] {
  let rest = "";
  let id: string | null = null;
  return (piece) => {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.map((block) => {
      const lines = block.split("\n");
      const of = (field: string) => lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2);
      id = of("id") ?? id;
      return { event: of("event") ?? "message", data: of("data") ?? null, id };
    });
  };
}
