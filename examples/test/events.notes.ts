/** A provider at hand, whose truth is a map. */
import type { Provider } from "tidemark";

interface Note {
  id: string;
  text: string;
  revision: number;
}

export function notes() {
  const all = new Map<string, Note>();
  let revision = 0;
  const provider: Provider<{ note: Note }> = {
    limits: { rate: 1_000_000 },
    webhook: () => [],
    resources: {
      note: {
        fetch: async (id) => all.get(id) ?? null,
        list: async () => ({ items: [...all.values()], next: null }),
        id: ({ id }) => id,
        version: ({ revision }) => revision,
      },
    },
  };
  return { provider, put: (id: string, text: string) => void all.set(id, { id, text, revision: ++revision }) };
}
