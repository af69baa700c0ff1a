/** The live page as one text: its script and style are put into it, and their hashes into what lets the browser take nothing else. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Page {
  html: string;
  /** The Content-Security-Policy. */
  policy: string;
}

/** Where the build has put its parts. */
function folder(): URL {
  const here: string = import.meta.url;
  return new URL(here.endsWith(".ts") ? "../../dist/live/" : "./live/", here);
}

function read(name: string): string {
  const file = new URL(name, folder());
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Error(
      `The live page is not beside this program: ${file.href}. Where @gort/devtools is bundled, leave it external.`,
    );
  }
}

const sha = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

let parts: { html: string; style: string; script: string } | null = null;

/** @param pprof What leads from the page to the profiles: "../pprof/". */
export function livePage(pprof: string): Page {
  parts ??= {
    html: read("index.html"),
    style: ["style.css", "tables.css", "narrow.css"].map(read).join(""),
    // Inside of a script element.
    script: read("page.js").replaceAll("</script", "<\\/script"),
  };
  const { html, style, script } = parts;
  const attribute = pprof.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return {
    html: html
      .replace("PPROF", () => attribute)
      .replace("<!--STYLE-->", () => `<style>${style}</style>`)
      .replace("<!--SCRIPT-->", () => `<script type="module">${script}</script>`),
    policy: [
      "default-src 'none'",
      `script-src ${sha(script)}`,
      `style-src ${sha(style)}`,
      "img-src data:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  };
}
