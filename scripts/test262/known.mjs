/**
 * The tests that fail and are to: what they look at stays different in compiled code, and docs/differences.md says so, under the
 * heading that stands here. A test belongs here only if that page already tells users of it.
 */

/** @type {[heading: string, tests: RegExp][]} */
const known = [
  ["The text of a function", /^built-ins\/Function\/prototype\/toString\//],
  [
    "What all objects inherit",
    // They give Array.prototype or Object.prototype an element while they run.
    /^built-ins\/Array\/prototype\/(?:concat\/15\.4\.4\.4-5-(?:b-iii-3-b|c-i)-1|(?:every|filter|forEach|map|some|reduce|reduceRight)\/15\.4\.4\.\d+-\d-b-(?:6|19)|(?:pop|push|shift|unshift)\/set-length-array-(?:is-frozen|length-is-non-writable))\.js$/,
  ],
  [
    "What all objects inherit",
    /^built-ins\/Object\/(?:defineProperties\/15\.2\.3\.7-6-a-(?:169|173)|defineProperty\/15\.2\.3\.6-4-(?:173|177|195))\.js$/,
  ],
  ["What all objects inherit", /^language\/arguments-object\/10\.6-11-b-1\.js$/],
  // They take Array.prototype[Symbol.iterator] away.
  ["What all objects inherit", /^language\/(?:statements|expressions)\/.*iter-get-err-array-prototype\.js$/],
  ["What all objects inherit", /^built-ins\/Promise\/all(?:Settled)?\/does-not-invoke-array-setters\.js$/],
  // A proxy in a `with` that says it has every name.
  ["Barriers", /^built-ins\/Proxy\/has\/return-true-target-prop-exists-using-with\.js$/],
];

/** The heading in docs/differences.md that tells of what makes this test fail. @param {string} file @returns {string | undefined} */
export function knownDifference(file) {
  return known.find(([, tests]) => tests.test(file))?.[0];
}
