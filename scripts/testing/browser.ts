/** The Chromium that is installed here, driven by playwright. Tests that need one are skipped, and counted, where there is none. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

function find(): string {
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

const executablePath = find();
export const hasBrowser: boolean = executablePath !== "";

export function launch(): Promise<Browser> {
  // Its sandbox does not start for root.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}
