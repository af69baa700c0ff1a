/** `npm run api`: compares the public API with api/*.api.txt; `npm run api -- --update` writes them anew. */
import { checkApi, updateApi } from "../api.mjs";

if (process.argv.includes("--update")) {
  process.stderr.write(`${updateApi().join("\n")}\n`);
} else {
  const problem = checkApi();
  if (problem !== "") {
    process.stderr.write(problem);
    process.exit(1);
  }
  process.stderr.write("The public API is as recorded in api/.\n");
}
