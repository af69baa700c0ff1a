/**
 * A realm for one run of one test: globals of its own, and, for the compiled ways, a runtime of its own, so that the
 * errors it throws are those the test knows.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { buildSync } from "esbuild";
import { root } from "../packages.mjs";

const require = createRequire(import.meta.url);

/**
 * The built runtime as one function body; its frames are told by this name, and its calls found in this file: they must be,
 * for a suspension below the compiled versions of native functions.
 */
const bundleFile = join(root, "node_modules/.cache/gort-workspace/test262/runtime.js");
const bundleName = pathToFileURL(bundleFile).href;
const bundle =
  buildSync({
    stdin: {
      contents:
        'export * from "./dist/index.js"; export * as internal from "./dist/internal.js"; export * as natives from "./dist/natives.js";',
      resolveDir: join(root, "packages/runtime"),
    },
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    define: { "import.meta.url": JSON.stringify(bundleName) },
  }).outputFiles[0]?.text ?? "";

/** The runtime's listeners and its exit are not for this process; nor is preemption, which would start a thread a test. */
const quietProcess = Object.assign(Object.create(process), {
  env: {},
  on: () => quietProcess,
  once: () => quietProcess,
  off: () => quietProcess,
  exit: () => {},
});
/** @param {string} name */
const quietRequire = (name) =>
  name === "node:worker_threads" ? { Worker: Object, MessageChannel: Object } : require(name);

/** @type {Record<string, unknown>} */
const given = {
  require: quietRequire,
  process: quietProcess,
  Buffer,
  URL,
  URLSearchParams,
  AbortController,
  AbortSignal,
  console,
  performance,
  queueMicrotask,
  setImmediate,
  clearImmediate,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
};

/** Text that many realms run: compiled by the engine once, which takes longer than most tests. @type {Map<string, vm.Script>} */
const scripts = new Map();

/** A script whose value is a function of this body. Its first line is line 0. @param {string} text @param {string[]} params */
const functionText = (text, params) => `(function (${params.join(", ")}) {\n${text}\n})`;

const runtimeText = functionText(bundle, ["exports", "module", ...Object.keys(given)]);
mkdirSync(dirname(bundleFile), { recursive: true });
writeFileSync(`${bundleFile}.${process.pid}`, runtimeText);
renameSync(`${bundleFile}.${process.pid}`, bundleFile);
const runtime = new vm.Script(runtimeText, { filename: bundleName });

/**
 * How a test is compiled: null leaves it as it is.
 * @typedef {((text: string, filename: string, format: "commonjs" | "module") => string) | null} Transform
 */

/** Suspensions are forced also where no goroutine runs. */
export const entries = process.env["TEST262_ENTRIES"] === "1";

export class Realm {
  /** @param {Transform} transform */
  constructor(transform) {
    this.transform = transform;
    this.global = vm.createContext(vm.constants.DONT_CONTEXTIFY);
    Object.assign(this.global, { print: () => {}, setTimeout, clearTimeout, reportCompare: () => {} });
    Object.defineProperty(this.global, "$262", { value: this.host(), writable: true, configurable: true });
    /** @type {Map<string, any>} */
    this.modules = new Map();
    /** @type {any} */
    this.gort = null;
    if (transform !== null) {
      /** @type {{ exports: Record<string, any> }} */
      const module = { exports: {} };
      runtime.runInContext(this.global)(module.exports, module, ...Object.values(given));
      this.gort = module.exports;
      if (entries) this.gort.internal.R.forcesEntries = true;
      // Not preempted: what is slow here is the test's own suspensions.
      this.gort.internal.R.sliceOver = () => {
        this.gort.internal.U[0] = 0;
        return false;
      };
      this.gort.internal.U[0] = 0;
    }
  }

  host() {
    const self = this;
    const { global } = this;
    return {
      global,
      createRealm: () => new Realm(null).host(),
      evalScript: (/** @type {string} */ text) => vm.runInContext(text, global),
      detachArrayBuffer: (/** @type {ArrayBuffer} */ buffer) => void structuredClone(buffer, { transfer: [buffer] }),
      gc: () => {
        throw new (self.get("Error"))("no gc here");
      },
      agent: {},
      get IsHTMLDDA() {
        return undefined;
      },
    };
  }

  /** @param {string} name @returns {any} */
  get(name) {
    return vm.runInContext(name, this.global);
  }

  /** @param {string} text @param {string[]} params @param {string} filename @returns {Function} */
  function(text, params, filename) {
    return vm.compileFunction(text, params, {
      parsingContext: this.global,
      filename,
      importModuleDynamically: (specifier) => this.import(specifier, filename),
    });
  }

  /** The same of a text that other realms run, too. @param {string} text @param {string[]} params @param {string} filename @returns {Function} */
  sharedFunction(text, params, filename) {
    const key = `${filename}\n${text}`;
    let script = scripts.get(key);
    if (script === undefined) {
      script = new vm.Script(functionText(text, params), { filename, lineOffset: -1 });
      scripts.set(key, script);
    }
    return script.runInContext(this.global);
  }

  /** A CommonJS module of the realm; `shared` if it is one of many. @param {string} text @param {string} filename */
  commonjs(text, filename, shared = false) {
    const code = this.transform === null ? text : this.transform(text, filename, "commonjs");
    /** @type {{ exports: Record<string, any> }} */
    const module = { exports: {} };
    const load = (/** @type {string} */ name) => this.ours(name) ?? require(name);
    const params = ["exports", "require", "module", "__filename", "__dirname"];
    const body = shared ? this.sharedFunction(code, params, filename) : this.function(code, params, filename);
    body(module.exports, load, module, filename, dirname(filename));
    return module.exports;
  }

  /** @param {string} filename @param {string} [text] @returns {any} */
  module(filename, text) {
    let made = this.modules.get(filename);
    if (made === undefined) {
      const source = text ?? readFileSync(filename, "utf8");
      const code = this.transform === null ? source : this.transform(source, filename, "module");
      made = new vm.SourceTextModule(code, {
        context: this.global,
        identifier: filename,
        initializeImportMeta: (meta) => void (meta.url = filename),
        importModuleDynamically: (specifier) => this.import(specifier, filename),
      });
      this.modules.set(filename, made);
    }
    return made;
  }

  /** Puts the compiled versions of native functions in their place, with their names and lengths. */
  installNatives() {
    const { N } = this.gort.natives;
    const [owners, make] = this.get(`[
      [Array, Array.prototype, Map, Map.prototype, WeakMap.prototype, Set.prototype, Object, String.prototype,
       Iterator.prototype, Object.getPrototypeOf(Uint8Array), Object.getPrototypeOf(Uint8Array).prototype],
      (f, version, absent) => {
        "use strict";
        const { m } = {
          m(...args) {
            if (this === undefined || this === null) return Reflect.apply(f, this, args);
            return version(this, ...(absent !== undefined && args.length === 1 ? [args[0], absent] : args));
          },
        };
        for (const key of ["name", "length"]) Object.defineProperty(m, key, { value: f[key], configurable: true });
        return m;
      },
    ]`);
    for (const owner of owners)
      for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
        const find = Object.hasOwn(N, name) ? N[name] : undefined;
        const version = typeof own.value === "function" && typeof find === "function" ? find(own.value) : null;
        const absent = name.startsWith("reduce") ? N.ABSENT : undefined;
        if (typeof version === "function")
          Object.defineProperty(owner, name, { ...own, value: make(own.value, version, absent) });
      }
  }

  /** The runtime of this realm. @param {string} specifier @returns {any} */
  ours(specifier) {
    if (specifier === "gort/internal") return this.gort?.internal;
    return specifier === "gort/natives" ? this.gort?.natives : undefined;
  }

  /** @param {string} specifier */
  runtimeModule(specifier) {
    let made = this.modules.get(specifier);
    if (made === undefined) {
      const exports = Object.entries(this.ours(specifier));
      made = new vm.SyntheticModule(
        exports.map(([name]) => name),
        () => {
          for (const [name, value] of exports) made.setExport(name, value);
        },
        { context: this.global, identifier: specifier },
      );
      this.modules.set(specifier, made);
    }
    return made;
  }

  /** @param {string} specifier @param {string} from */
  async import(specifier, from) {
    const module = this.module(resolve(dirname(from), specifier));
    await this.link(module);
    await module.evaluate();
    return module;
  }

  /** @param {any} module */
  async link(module) {
    if (module.status === "unlinked")
      await module.link((/** @type {string} */ specifier, /** @type {any} */ from) =>
        this.ours(specifier) !== undefined
          ? this.runtimeModule(specifier)
          : this.module(resolve(dirname(from.identifier), specifier)),
      );
  }
}
