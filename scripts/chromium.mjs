/** The Chromium that is installed here, for the tests of the live page; without one they are skipped, and counted as such. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Its file: GORT_CHROMIUM, or the first one on the PATH; "" if there is none. */
export function chromiumPath() {
  const named = process.env["GORT_CHROMIUM"];
  if (named !== undefined && named !== "") return named;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter))
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // The next one.
      }
    }
  return "";
}

export const hasChromium = () => chromiumPath() !== "";
