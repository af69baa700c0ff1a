/** `npm run build` */
import { build } from "../build.mjs";

const result = build({ force: true });
process.stderr.write(result.output);
process.exit(result.ok ? 0 : 1);
