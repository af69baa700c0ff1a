/** Before any test: packages/*\/dist is up to date, because some tests run the published files as a user does. */
import { build } from "./build.mjs";

export default function setup() {
  const { ok, output } = build();
  if (!ok)
    process.stderr.write(`${output}gort: the build failed; tests that run packages/*/dist run an old one or fail\n`);
}
