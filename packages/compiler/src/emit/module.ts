/** A whole module, from the analysed tree: untouched code as it was, its functions by the parts of the emitter. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import { BodyPrinter } from "./body.ts";
import { lowerStatement } from "../lower/function.ts";
import { Output } from "../print/output.ts";
import { patternNames } from "../tree/pattern.ts";
import type { Place } from "../print/place.ts";
import { Printer } from "../print/printer.ts";
import { ASSIGN } from "../print/rank.ts";
import { startsLikeDeclaration } from "../print/shape.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import type { Scopes } from "../scope/resolution.ts";
import type { Source } from "../read/source.ts";
import type { EmitOptions } from "./emission.ts";
import { ObjectEmitter } from "./objects.ts";
import { PROTOCOL } from "./protocol.ts";
import { attributes, text } from "./text.ts";

export function emitModule(program: Node, scopes: Scopes, source: Source, options: EmitOptions): Output {
  return new ModuleEmitter(scopes, source, options).module(program);
}

class ModuleEmitter extends ObjectEmitter {
  module(program: Node): Output {
    const out = new Output();
    const place: Place = {
      fn: this.scopes.module,
      clone: false,
      self: "this",
      args: "arguments",
      target: "new.target",
    };
    const p = new Printer(out, place, this);
    if (program.hashbang) out.write(`#!${program.hashbang.value}\n`);
    const body = program.body as Node[];
    let i = 0;
    for (; i < body.length && body[i]!.directive; i++) p.statement(body[i]!);
    // A module of TypeScript's that has become CommonJS.
    if (this.options.format === "commonjs" && program.sourceType === "module") out.write('"use strict";');
    const [load, make] = this.header();
    out.write(load);
    // What an import does not find is told by the engine, in the line of the compiled text: that is the user's.
    for (; i < body.length && namesModule(body[i]!); i++) {
      out.reach(this.source.position(body[i]!.start).line);
      this.topStatement(body[i]!, p, out, place);
    }
    out.line();
    out.write(make);
    out.hole = out.length;
    this.rename(this.scopes.module, out);
    for (; i < body.length; i++) {
      out.line();
      this.topStatement(body[i]!, p, out, place);
    }
    out.line();
    if (this.tells) {
      const shown = JSON.stringify(`\n${this.options.shown}\n`);
      out.write(`function ${this.teller}(n,p){return n+${shown}+p}\n`);
    }
    for (const chunk of [...this.tail.map((c) => c.out), ...this.declared, ...this.top]) {
      out.append(chunk);
      out.write("\n");
    }
    return out;
  }

  protected wrapper(node: Node, out: Output): void {
    const fn = node.$fn as Fn;
    const place: Place = { fn, clone: false, self: "this", args: "arguments", target: "new.target" };
    const p = new Printer(out, place, this);
    const arrow = node.type === "ArrowFunctionExpression";
    out.map(node.start);
    if (!arrow) out.word("function");
    out.write("(");
    (node.params as Node[]).forEach((x, i) => {
      if (i > 0) out.write(",");
      p.expr(x, ASSIGN);
    });
    out.write(arrow ? ")=>{" : "){");
    const { tail, declared } = this;
    this.tail = [];
    this.declared = [];
    const body = node.body.body as Node[];
    const first = body.findIndex((s) => !s.directive);
    for (const s of first < 0 ? body : body.slice(0, first)) p.statement(s);
    this.rename(fn, out);
    for (const s of first < 0 ? [] : body.slice(first)) this.part(s, p, out, place);
    for (const chunk of [...this.tail.map((c) => c.out), ...this.declared]) {
      out.line();
      out.append(chunk);
    }
    out.write("}");
    this.tail = tail;
    this.declared = declared;
  }

  /** Functions whose names are the output's own say what they were called. */
  private rename(top: Fn, out: Output): void {
    for (const b of top.bindings)
      if (b.kind === "function" && b.module && b.out !== b.name)
        out.write(`$R.rename(${b.out},${JSON.stringify(b.out)},${JSON.stringify(b.name)});`);
  }

  /** What loads the runtime, and what makes constants of it: imports stand between the two. */
  private header(): [load: string, make: string] {
    const from = JSON.stringify(this.options.runtime);
    const { swaps, waits } = this.scopes;
    const load = `$R.load(${PROTOCOL},${JSON.stringify(this.options.shown)});`;
    if (this.options.format === "commonjs") {
      const natives = swaps ? `,{N:$N}=require("gort/natives")` : "";
      return ["", `const{R:$R,U:$U}=require(${from})${natives};${load}`];
    }
    // Constants of the module's own: reading an imported binding on the hot path costs a fifth more.
    const natives = swaps ? `import{N as $N0}from"gort/natives";` : "";
    const constants = `const $R=$R0,$U=$U0${swaps ? ",$N=$N0" : ""};${waits ? "let $v;" : ""}`;
    return [`import{R as $R0,U as $U0}from${from};${natives}`, `${constants}${load}`];
  }

  private topStatement(s: Node, p: Printer, out: Output, place: Place): void {
    switch (s.type) {
      case "ImportDeclaration":
        this.import(s, out);
        return;
      case "ExportAllDeclaration":
        out.map(s.start);
        out.write(
          `export*${s.exported === null ? "" : `as ${text(s.exported as Node)} `}from${s.source.raw}${attributes(s)};`,
        );
        return;
      case "ExportNamedDeclaration": {
        if (s.declaration !== null) {
          const declared = declaredBy(s.declaration as Node);
          const asWritten = declared.every((b) => b.out === b.name);
          if (asWritten) out.write("export ");
          p.statement(s.declaration as Node);
          if (!asWritten) out.write(`export{${declared.map((b) => renamed(b.out, b.name)).join(",")}};`);
          return;
        }
        // TypeScript leaves out what passes on types alone.
        if (!this.options.verbatim && s.$types === true) return;
        // What the other module does not export, the engine tells of here.
        out.map(s.start);
        const kept = (s.specifiers as Node[]).filter((x) => s.source !== null || x.local.$b !== undefined);
        out.write(`export{${kept.map((x) => renamed(localName(x), text(x.exported as Node))).join(",")}}`);
        out.write(s.source === null ? ";" : `from${s.source.raw}${attributes(s)};`);
        return;
      }
      case "ExportDefaultDeclaration": {
        const d = s.declaration as Node;
        if (s.$type === true && d.$b === undefined) return;
        out.write("export default ");
        if (d.type === "FunctionDeclaration") this.functionDeclaration(d, place, out);
        else if (d.type === "ClassDeclaration") this.classExpression(d, place, out);
        else {
          // In brackets it stays an expression.
          const begins = startsLikeDeclaration(d) && d.type !== "ObjectExpression" && d.type !== "SequenceExpression";
          if (begins) out.write("(");
          p.expr(d, ASSIGN);
          out.write(begins ? ");" : ";");
        }
        return;
      }
    }
    this.part(s, p, out, place);
  }

  /** A statement of the module, or of a wrapper. */
  private part(s: Node, p: Printer, out: Output, place: Place): void {
    const { fn } = place;
    if (this.capturesBlockScope(s, fn)) {
      const hoisted = new Set<string>();
      this.hoisted(s, this.topOf(fn), hoisted);
      if (hoisted.size > 0) out.write(`var ${[...hoisted].join(",")};`);
      const low = lowerStatement(s, fn, this.source);
      const names = [...this.blockBindings(s, fn).map((b) => b.out), ...low.temps.map((t) => t.out)];
      out.write("{");
      if (names.length > 0) out.write(`let ${names.join(",")};`);
      new BodyPrinter(out, place, this, this.options.force).plain(low.body);
      out.close();
      return;
    }
    p.statement(s);
  }

  /** The names declared at the top of the module, or of a wrapper. */
  private topOf(fn: Fn): Map<string, Binding> {
    return this.scopes.wrappers.find((w) => w.fn === fn)?.top ?? this.scopes.top;
  }

  /** What the statement declares for the whole module: taken apart, it only assigns to it. */
  private hoisted(node: Node, top: Map<string, Binding>, names: Set<string>): void {
    if (node.type === "VariableDeclaration" && node.kind === "var")
      for (const d of node.declarations as Node[])
        patternNames(d.id as Node, (id) => void names.add(top.get(id.name as string)!.out));
    if (node.type === "FunctionDeclaration" && node.$hoist !== undefined) names.add((node.$hoist as Binding).out);
    if (!isFunction(node) && node.type !== "ClassDeclaration" && node.type !== "ClassExpression")
      eachChild(node, (child) => this.hoisted(child, top, names));
  }

  /** Closures that are lifted out of the module's blocks reach the blocks' variables only through captures. */
  private capturesBlockScope(s: Node, fn: Fn): boolean {
    if (s.type === "VariableDeclaration" || s.type === "FunctionDeclaration" || s.type === "ClassDeclaration")
      return false;
    return this.blockBindings(s, fn).some((b) => b.captured && b.refs.some((r) => r.fn.converted));
  }

  private blockBindings(s: Node, fn: Fn): Binding[] {
    const isInside = (node: Node): boolean => node.start >= s.start && node.end <= s.end;
    return fn.bindings.filter(
      (b) =>
        !b.module &&
        b.kind !== "self" &&
        (b.refs.some((r) => isInside(r.node)) || (b.node !== null && isInside(b.node))),
    );
  }

  private import(s: Node, out: Output): void {
    const named: string[] = [];
    const parts: string[] = [];
    // What named only types has lost its names already.
    let dropped = s.$types === true ? 1 : 0;
    for (const x of s.specifiers as Node[]) {
      const b = this.scopes.top.get(x.local.name as string);
      // TypeScript leaves out imports that are only used as types.
      if (!this.options.verbatim && b !== undefined && b.refs.length === 0) {
        dropped++;
        continue;
      }
      const local = b?.out ?? (x.local.name as string);
      if (x.type === "ImportDefaultSpecifier") parts.unshift(local);
      else if (x.type === "ImportNamespaceSpecifier") parts.push(`* as ${local}`);
      else named.push(renamed(text(x.imported as Node), local));
    }
    if (!this.options.verbatim && dropped > 0 && dropped >= s.specifiers.length) return;
    if (named.length > 0) parts.push(`{${named.join(",")}}`);
    out.map(s.start);
    const phase = s.phase ? `${s.phase} ` : "";
    out.write(`import ${phase}${parts.join(",")}${parts.length > 0 ? " from" : ""}${s.source.raw}${attributes(s)};`);
  }
}

/** Whether it is `import`, or `export … from`. */
function namesModule(s: Node): boolean {
  return s.type === "ImportDeclaration" || (/^Export(?:All|Named)/.test(s.type) && s.source !== null);
}

/** What `export const a = 1, { b } = c` declares. */
function declaredBy(declaration: Node): Binding[] {
  if (declaration.type !== "VariableDeclaration") return [declaration.id.$b as Binding];
  const found: Binding[] = [];
  for (const d of declaration.declarations as Node[])
    patternNames(d.id as Node, (id) => void found.push(id.$b as Binding));
  return found;
}

/** What an exported variable of the module is called in it; as it stands where it is another module's. */
function localName(specifier: Node): string {
  return (specifier.local.$b as Binding | undefined)?.out ?? text(specifier.local as Node);
}

function renamed(from: string, to: string): string {
  return from === to ? from : `${from} as ${to}`;
}
