/** The Chromium that is installed here, driven by playwright. */
import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "../chromium.mjs";

export function launch(): Promise<Browser> {
  // Its sandbox does not start for root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: chromiumPath(), args });
}
