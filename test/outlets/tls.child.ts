/** Posts to two names that lead to one server, and says what came of it: `tls.child.ts <port> <name> <name>`. */
import { createPost } from "tidemark/outlet";

const [, , port = "", ...names] = process.argv;
const post = createPost("test", { allowPrivate: true, resolve: () => ["127.0.0.1"] });
for (const name of names) {
  const sent = post(new URL(`https://${name}:${port}/`), { headers: {}, body: "{}" }, 0);
  console.log(
    await sent.then(
      () => "taken",
      (error: Error) => error.message,
    ),
  );
}
