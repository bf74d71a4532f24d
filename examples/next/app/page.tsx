import { sync } from "../sync";

export const dynamic = "force-dynamic";

/** The issues as they are recorded. */
export default async function Page() {
  const { ok, types } = await sync.health();
  return (
    <main>
      <h1>{ok ? "All is well" : "Something is wrong"}</h1>
      {types.map(({ type, scope, live }) => (
        <p key={type + scope}>
          {type} of {scope}: {live}
        </p>
      ))}
    </main>
  );
}
