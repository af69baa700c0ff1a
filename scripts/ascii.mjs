/**
 * A build plugin: characters beyond ASCII become escapes, in texts and regular expressions, where they all stand once the comments are gone.
 *
 * The engine keeps a text of single bytes at one byte a character, any other at two; every thread has the runtime's text.
 */

/** @returns {import("rolldown").Plugin} */
export function ascii() {
  return {
    name: "gort-ascii",
    // Behind the bundler's own last word, which writes texts without escapes. What stands behind one in its line is five columns further than
    // its map tells: in messages of ours.
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === "chunk" && file.fileName.endsWith(".js"))
          file.code = file.code.replaceAll(
            /[^\p{ASCII}]/gu,
            (c) =>
              `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}${c.length > 1 ? `\\u${c.charCodeAt(1).toString(16)}` : ""}`,
          );
    },
  };
}
