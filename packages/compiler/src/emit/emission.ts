/** What the parts of the emitter share: the analysed module, what was lifted out so far, and the constants. */
import type { Node } from "../tree/ast.ts";
import type { Lowered } from "../lower/lowering.ts";
import { Output } from "../print/output.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { firstTemporary, lastClone } from "../scope/names.ts";
import type { Scopes } from "../scope/resolution.ts";
import type { Source } from "../read/source.ts";

export interface EmitOptions {
  /** Tests: suspend at every safepoint. */
  force: boolean;
  /** How the module gets at the runtime. */
  format: "module" | "commonjs";
  /** Every import stands as written; otherwise those that are only used as types are left out. */
  verbatim: boolean;
  /** The file name frames and creation sites show. */
  shown: string;
  /** The module its state comes from. */
  runtime: string;
}

/** A function declaration that was lifted out of where it is used. */
interface Chunk {
  name: string;
  out: Output;
}

export interface Prepared extends Lowered {
  at: number[];
  saved: Binding[];
}

export abstract class Emission {
  protected readonly scopes: Scopes;
  protected readonly source: Source;
  protected readonly options: EmitOptions;
  /** Factories and clones: behind the module's own text or a wrapper's, or inside the class whose private names they use. */
  protected tail: Chunk[] = [];
  /** What `tail` is around the class with private names that is being printed; null in any other. */
  protected around: Chunk[] | null = null;
  /** Behind the module's own text whatever class is being printed. */
  protected readonly top: Output[] = [];
  /** Variables of the compiler's own: behind the module's own text or a wrapper's, whatever class is being printed. */
  protected declared: Output[] = [];
  protected readonly prepared: Map<Fn, Prepared> = new Map();
  protected readonly objects: Map<Fn, string> = new Map();
  protected readonly sites: Map<Node, string> = new Map();
  protected ids: number;
  /** Whether a clone says what it is: by a function that knows the file. */
  protected tells = false;
  /** What that is called: unlike a global of the program. */
  protected readonly teller: string;
  protected readonly firstTemporary: number;

  constructor(scopes: Scopes, source: Source, options: EmitOptions) {
    this.scopes = scopes;
    this.source = source;
    this.options = options;
    this.ids = lastClone(scopes);
    this.teller = scopes.globals.has("$M") ? "$M0" : "$M";
    this.firstTemporary = firstTemporary(scopes.globals);
  }

  /** One site object for both copies of a tagged template. */
  templateSite(quasi: Node): string {
    let id = this.sites.get(quasi);
    if (id === undefined) {
      id = `$s${++this.ids}`;
      this.sites.set(quasi, id);
      const out = new Output();
      const raws = (quasi.quasis as Node[]).map((q) => q.value.raw as string);
      out.write(`var ${id}v;function ${id}(){return ${id}v??=((s)=>s)\`${raws.join("${0}")}\`}`);
      this.top.push(out);
    }
    return `${id}()`;
  }

  /** What lifted code begins with, so that it is as strict as where it came from. */
  protected directive(fn: Fn): string {
    let around = fn;
    while (around.kind !== "module") around = around.parent!;
    return fn.strict && !around.strict && this.options.format === "commonjs" ? '"use strict";' : "";
  }

  creation(fn: Fn, at: number, started: Node | undefined): string {
    const p = this.source.position(at);
    const own = started?.$fn as Fn | undefined;
    const starts = own === undefined || own.name !== "" ? "" : `\n${this.nameOf(own)}`;
    return JSON.stringify(`${this.nameOf(fn)}\n${this.options.shown}:${p.line}:${p.column}${starts}`);
  }

  /** The name dumps show; anonymous functions are numbered in their parent, as Go does. */
  nameOf(fn: Fn): string {
    if (fn.kind === "module") return "module";
    if (fn.name !== "") return fn.name;
    const parent = fn.parent!;
    const anonymous = parent.children.filter((c) => c.name === "");
    const own = `func${anonymous.indexOf(fn) + 1}`;
    return parent.kind === "module" ? own : `${this.nameOf(parent)}.${own}`;
  }
}
