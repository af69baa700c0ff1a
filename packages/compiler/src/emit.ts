/**
 * A whole module, from the analysed tree: untouched code as it was, each function that can suspend in two copies.
 *
 *     function f(a) {                      function f$r1($F) {                    the resume clone
 *       let x, $pc = 0;                      if ($F === null) return "f\n…";      what it is called, and where
 *       $o: {                                let $pc = $F.pc, x = $F.a0;
 *         if ((x = g(a)) === undefined       for (;;) {
 *             && $R.u !== 0) {                 $o: switch ($pc) {
 *           $pc = 1; break $o;                   case 1: if ($pc === 1) { $pc = 0; x = $R.x === 0 ? $R.v : … }
 *         }                                      return x + 1;
 *         return x + 1;                        }
 *       }                                      … saved in place, or on after a poll that said no
 *       return f$e1($pc, x)  the epilogue:   }
 *     }                  a frame, appended }
 *
 * Functions inside functions become factories at the end of the module, called with what they capture, so that both
 * copies make the same closure and a frame is plain data.
 */
import type { Node } from "./ast.ts";
import { BodyPrinter } from "./body.ts";
import { type Stmt, number } from "./ir.ts";
import { assignedBehind, classCaptures, savedVariables } from "./live.ts";
import { lowerFunction, lowerStatement } from "./lower/function.ts";
import type { Lowered } from "./lower/lowering.ts";
import { Output } from "./output.ts";
import { ASSIGN, type Emitter, type Place, Printer, isAnonymous } from "./print.ts";
import type { Binding, Fn, Scopes } from "./scope.ts";
import type { Source } from "./source.ts";

export interface EmitOptions {
  /** Tests: suspend at every safepoint. */
  force: boolean;
  /** How the module gets at the runtime. */
  format: "module" | "commonjs";
  /** The file name frames and creation sites show. */
  shown: string;
}

/** A function declaration that was lifted out of where it is used. */
interface Chunk {
  name: string;
  out: Output;
}

interface Prepared extends Lowered {
  at: number[];
  saved: Binding[];
}

export function emitModule(program: Node, scopes: Scopes, source: Source, options: EmitOptions): Output {
  return new ModuleEmitter(scopes, source, options).module(program);
}

class ModuleEmitter implements Emitter {
  private readonly scopes: Scopes;
  private readonly source: Source;
  private readonly options: EmitOptions;
  /** Factories and clones: behind the module's own text, or inside the class whose private names they use. */
  private tail: Chunk[] = [];
  /** Behind the module's own text whatever class is being printed. */
  private readonly top: Output[] = [];
  private readonly prepared = new Map<Fn, Prepared>();
  private readonly objects = new Map<Fn, string>();
  private readonly sites = new Map<Node, string>();
  private readonly labels = { n: 0 };
  private ids = 0;

  constructor(scopes: Scopes, source: Source, options: EmitOptions) {
    this.scopes = scopes;
    this.source = source;
    this.options = options;
  }

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
    out.write(
      this.options.format === "commonjs"
        ? `const { R: $R, U: $U } = require("gort/internal"); $R.modules++;\n`
        : // A constant of the module's own: reading an imported binding on the hot path costs a fifth more.
          `import { R as $R0, U as $U0 } from "gort/internal"; const $R = $R0, $U = $U0; $R.modules++;\n`,
    );
    for (; i < body.length; i++) this.topStatement(body[i]!, p, out, place);
    for (const chunk of [...this.tail.map((c) => c.out), ...this.top]) {
      out.append(chunk);
      out.write("\n");
    }
    return out;
  }

  private topStatement(s: Node, p: Printer, out: Output, place: Place): void {
    switch (s.type) {
      case "ImportDeclaration":
        this.import(s, out);
        return;
      case "ExportAllDeclaration":
        out.write(
          `export * ${s.exported === null ? "" : `as ${text(s.exported as Node)} `}from ${s.source.raw}${attributes(s)};\n`,
        );
        return;
      case "ExportNamedDeclaration": {
        if (s.declaration !== null) {
          out.write("export ");
          p.statement(s.declaration as Node);
          return;
        }
        const kept = (s.specifiers as Node[]).filter((x) => s.source !== null || x.local.$b !== undefined);
        out.write(
          `export { ${kept.map((x) => `${text(x.local as Node)} as ${text(x.exported as Node)}`).join(", ")} }`,
        );
        out.write(s.source === null ? ";\n" : ` from ${s.source.raw}${attributes(s)};\n`);
        return;
      }
      case "ExportDefaultDeclaration": {
        const d = s.declaration as Node;
        out.write("export default ");
        if (d.type === "FunctionDeclaration") this.functionDeclaration(d, place, out);
        else if (d.type === "ClassDeclaration") this.classExpression(d, place, out);
        else {
          p.expr(d, ASSIGN);
          out.write(";");
        }
        out.write("\n");
        return;
      }
    }
    if (this.capturesBlockScope(s)) {
      const low = lowerStatement(s, this.scopes.module, this.source, this.labels);
      const names = [...this.blockBindings(s).map((b) => b.out), ...low.temps.map((t) => t.out)];
      out.write("{\n");
      if (names.length > 0) out.write(`let ${names.join(", ")};\n`);
      new BodyPrinter(out, place, this, this.options.force).plain(low.body);
      out.write("}\n");
      return;
    }
    p.statement(s);
  }

  /** Closures that are lifted out of the module's blocks reach the blocks' variables only through captures. */
  private capturesBlockScope(s: Node): boolean {
    if (s.type === "VariableDeclaration" || s.type === "FunctionDeclaration" || s.type === "ClassDeclaration")
      return false;
    return this.blockBindings(s).some((b) => b.captured && b.refs.some((r) => r.fn.converted));
  }

  private blockBindings(s: Node): Binding[] {
    return this.scopes.module.bindings.filter(
      (b) => !b.module && b.kind !== "self" && b.refs.some((r) => r.node.start >= s.start && r.node.end <= s.end),
    );
  }

  private import(s: Node, out: Output): void {
    const typescript = /\.[cm]?tsx?$/.test(this.source.file);
    const named: string[] = [];
    const parts: string[] = [];
    let dropped = 0;
    for (const x of s.specifiers as Node[]) {
      const b = this.scopes.top.get(x.local.name as string);
      // TypeScript leaves out imports that are only used as types.
      if (typescript && b !== undefined && b.refs.length === 0) {
        dropped++;
        continue;
      }
      if (x.type === "ImportDefaultSpecifier") parts.unshift(x.local.name as string);
      else if (x.type === "ImportNamespaceSpecifier") parts.push(`* as ${x.local.name}`);
      else named.push(`${text(x.imported as Node)} as ${x.local.name}`);
    }
    if (dropped > 0 && dropped === s.specifiers.length) return;
    if (named.length > 0) parts.push(`{ ${named.join(", ")} }`);
    out.map(s.start);
    out.write(`import ${parts.join(", ")}${parts.length > 0 ? " from " : ""}${s.source.raw}${attributes(s)};\n`);
  }

  // --- functions --------------------------------------------------------------------------------------------------

  functionDeclaration(node: Node, _place: Place, out: Output): void {
    this.functionText(node.$fn as Fn, node, out, node.id === null ? "" : (node.id.name as string), false);
  }

  functionExpression(node: Node, place: Place, out: Output): void {
    const fn = node.$fn as Fn;
    if (!this.needsFactory(fn)) {
      this.functionText(
        fn,
        node,
        out,
        fn.self === null || node.type === "ArrowFunctionExpression" ? (node.id?.name ?? "") : fn.self.out,
        false,
      );
      return;
    }
    if (fn.id === "") {
      fn.id = `$f${++this.ids}${clean(fn.name)}`;
      this.factory(fn, node);
    }
    out.map(node.start);
    out.word(`${fn.id}(${this.captureArguments(this.captured(fn), fn, place).join(", ")})`);
  }

  private needsFactory(fn: Fn): boolean {
    if (!fn.converted || fn.parent === null) return false;
    if (fn.kind === "method" || fn.kind === "getter" || fn.kind === "setter" || fn.kind === "constructor") return false;
    return fn.parent.kind !== "module" || this.captured(fn).length > 0;
  }

  /** What a lifted function is given, apart from itself. */
  private captured(fn: Fn): Binding[] {
    return [...fn.captures].filter((b) => b !== fn.self);
  }

  private captureArguments(captures: Iterable<Binding>, fn: Fn | null, place: Place): string[] {
    const args = [...captures].map((b) => b.out);
    if (fn !== null && fn.kind === "arrow") {
      if (fn.usesThis) args.push(place.self);
      if (fn.usesArguments) args.push(place.args);
      if (fn.usesNewTarget) args.push(place.target);
    }
    return args;
  }

  private factory(fn: Fn, node: Node): void {
    if (fn.usesSuper && fn.kind === "arrow")
      this.source.refuse(
        "GORT_UNSUPPORTED",
        node.start,
        "`super` in an arrow function",
        "Read it into a constant outside: `const base = super.method`.",
      );
    const out = new Output();
    const params = this.captured(fn).map((b) => b.out);
    if (fn.kind === "arrow") {
      if (fn.usesThis) params.push("$this");
      if (fn.usesArguments) params.push("$args");
      if (fn.usesNewTarget) params.push("$target");
    }
    out.write(`function ${fn.id}(${params.join(", ")}) {\n`);
    const ownName = fn.kind === "function" ? (fn.self?.out ?? node.id?.name ?? "") : "";
    const shown = fn.inferred !== "" ? fn.inferred : ((node.id?.name as string | undefined) ?? "");
    if (fn.self !== null && fn.self.kind === "const") {
      // const walk = (n) => … walk(n - 1) …: reached through its own constant.
      out.write(`const ${fn.self.out} = `);
      this.named(shown, fn.self.out, () => this.functionText(fn, node, out, "", true), out);
      out.write(`;\nreturn ${fn.self.out};\n}`);
    } else if (ownName !== "") {
      out.write("return ");
      this.functionText(fn, node, out, ownName, true);
      out.write(";\n}");
    } else if (shown !== "") {
      out.write("return ");
      this.named(shown, "", () => this.functionText(fn, node, out, "", true), out);
      out.write(";\n}");
    } else {
      out.write("return ");
      this.functionText(fn, node, out, "", true);
      out.write(";\n}");
    }
    this.tail.push({ name: fn.id, out });
  }

  /** Prints an anonymous function so that it is called `name`. */
  private named(name: string, constant: string, print: () => void, out: Output): void {
    if (name === "" || name === constant) {
      print();
      return;
    }
    const key = JSON.stringify(name);
    out.write(`{ ${key}: `);
    print();
    out.write(` }[${key}]`);
    void constant;
  }

  private prepare(fn: Fn): Prepared {
    let p = this.prepared.get(fn);
    if (p === undefined) {
      const low = lowerFunction(fn, this.source, this.labels);
      const at = number(low.body);
      p = { ...low, at, saved: fn.suspendable ? savedVariables(low.body) : [] };
      this.prepared.set(fn, p);
    }
    return p;
  }

  /** The function as it stands in the user's code, or its fast copy. `name` is what follows `function`. */
  private functionText(fn: Fn, node: Node, out: Output, name: string, lifted: boolean): void {
    const arrow = node.type === "ArrowFunctionExpression";
    const inFactory = lifted && arrow;
    const place: Place = {
      fn,
      clone: false,
      self: inFactory ? "$this" : "this",
      args: inFactory ? "$args" : "arguments",
      target: inFactory ? "$target" : "new.target",
    };
    const printer = new Printer(out, place, this);
    const low = fn.converted ? this.prepare(fn) : null;
    out.map(node.start);
    const method = node.$method as Node | undefined;
    if (method !== undefined) {
      if (method.static) out.word("static ");
      if (node.async) out.word("async ");
      if (method.kind === "get" || method.kind === "set") out.word(`${method.kind} `);
      if (node.generator) out.write("*");
      printer.key(method);
    } else if (arrow) {
      if (node.async) out.word("async ");
    } else
      out.word(`${node.async ? "async " : ""}function${node.generator ? "*" : ""}${name === "" ? "" : ` ${name}`}`);
    out.write("(");
    (low?.params ?? (node.params as Node[])).forEach((x, i) => {
      if (i > 0) out.write(", ");
      printer.expr(x, ASSIGN);
    });
    out.write(arrow ? ") => " : ") ");
    if (low === null) {
      const body = node.body as Node;
      if (body.type === "BlockStatement") {
        out.write("{\n");
        printer.statements(body.body as Node[]);
        out.write("}");
      } else if (body.type === "ObjectExpression") {
        out.write("(");
        printer.expr(body);
        out.write(")");
      } else printer.expr(body, ASSIGN);
      return;
    }
    out.write("{\n");
    if (node.body.type === "BlockStatement")
      for (const s of node.body.body as Node[]) if (s.directive) out.write(`${s.expression.raw};\n`);
    const locals = this.locals(fn, low);
    const b = new BodyPrinter(out, place, this, this.options.force);
    if (!fn.suspendable) {
      declareLocals(locals, out);
      b.plain(low.body);
      out.write("}");
      return;
    }
    declareLocals([...locals, "$pc = 0"], out);
    // A callback that is entered while the stack unwinds was called by a native function that goes on regardless.
    if (node.$callback === true) out.write("if ($R.u !== 0) $R.nativeFrame();\n");
    out.write("$o: {\n");
    b.plain(low.body);
    if (!endsInJump(low.body)) out.write("return;\n");
    out.write("}\n");
    const cloneName = `${cloneStem(this.nameOf(fn))}$r${++this.ids}`;
    const values = this.fields(fn, low, place).map(([, v]) => v);
    // Out of line: an epilogue in every function would use up the engine's budget for inlining its callers' calls.
    const epilogue = cloneName.replace(/\$r(\d+)$/, "$$e$1");
    out.write("return ");
    out.site(out.length);
    out.write(`${epilogue}(${["$pc", ...values].join(", ")});\n}`);
    this.epilogue(epilogue, cloneName, values.length);
    this.clone(fn, node, low, cloneName, locals);
  }

  /** What a fast copy leaves through: makes the frame, or goes on in the clone after a poll that said no. */
  private epilogue(name: string, clone: string, count: number): void {
    const out = new Output();
    const values = Array.from({ length: count }, (_, i) => `a${i}`);
    out.write(`function ${name}(${["$pc", ...values].join(", ")}) {\n`);
    out.write(`const $F = ${frame(clone, values)};\n`);
    out.write("if ($pc < 0 && !$R.poll()) return ");
    out.site(out.length);
    out.write(`${clone}($F);\n$R.tail = $R.tail.next = $F;\n}`);
    this.tail.push({ name, out });
  }

  /** Field and value of everything a frame of `fn` saves. */
  private fields(fn: Fn, low: Prepared, place: Place): [string, string][] {
    const fields: [string, string][] = low.saved.map((b, i) => [`a${i}`, b.out]);
    const add = (value: string): void => void fields.push([`a${fields.length}`, value]);
    if (fn.usesThis) add(place.self);
    if (fn.usesArguments) add(place.args);
    if (fn.usesNewTarget) add(place.target);
    if (fn.usesSuper) add(place.clone ? "$home" : this.home(fn));
    return fields;
  }

  private home(fn: Fn): string {
    const c = fn.classNode;
    if (c === null) return "$home";
    const name =
      (c?.id?.$b as Binding | undefined)?.out ??
      (c?.$self as Binding | undefined)?.out ??
      (c?.id?.name as string | undefined);
    if (name === undefined)
      this.source.refuse(
        "GORT_UNSUPPORTED",
        fn.node.start,
        "`super` in a method that calls, of a class without a name",
        "Give the class a name.",
      );
    const isStatic = (c.body.body as Node[]).some(
      (m) => m.static === true && (m.value === fn.node || m.value?.$fn === fn),
    );
    return isStatic ? name : `${name}.prototype`;
  }

  private locals(fn: Fn, low: Lowered): string[] {
    const header = new Set<Binding>();
    const mark = (n: Node): void => {
      if (n.type === "Identifier") {
        if (n.$b !== undefined) header.add(n.$b as Binding);
      } else if (n.type === "ObjectPattern")
        for (const p of n.properties as Node[]) mark((p.type === "RestElement" ? p.argument : p.value) as Node);
      else if (n.type === "ArrayPattern") for (const e of n.elements as (Node | null)[]) if (e !== null) mark(e);
      if (n.type === "RestElement") mark(n.argument as Node);
      if (n.type === "AssignmentPattern") mark(n.left as Node);
    };
    for (const p of low.params) mark(p);
    return [...fn.bindings.filter((b) => b.kind !== "self" && !header.has(b)), ...low.temps].map((b) => b.out);
  }

  private clone(fn: Fn, node: Node, low: Prepared, name: string, locals: string[]): void {
    const out = new Output();
    const place: Place = { fn, clone: true, self: "$this", args: "$args", target: "$target" };
    const { at, saved } = low;
    out.map(node.start);
    out.write(`function ${name}($F) {\n`);
    const positions = at.map((o) => {
      const p = this.source.position(o);
      return `${p.line}:${p.column}`;
    });
    out.write(
      `if ($F === null) return ${JSON.stringify(`${this.nameOf(fn)}\n${this.options.shown}\n${positions.join(" ")}`)};\n`,
    );
    const loads = saved.map((b, i) => `${b.out} = $F.a${i}`);
    const loaded = new Set(saved.map((b) => b.out));
    const header = low.params.flatMap((p) => namesOf(p));
    const rest = [...new Set([...locals, ...header])].filter((n) => !loaded.has(n));
    declareLocals(["$pc = $F.pc", ...loads, ...rest], out);
    const special = this.fields(fn, low, place).slice(saved.length);
    if (special.length > 0) out.write(`const ${special.map(([k, v]) => `${v} = $F.${k}`).join(", ")};\n`);
    out.write("for (;;) {\n$o: {\n");
    const b = new BodyPrinter(out, place, this, this.options.force);
    b.resumable(low.body, false);
    if (!endsInJump(low.body)) out.write("return;\n");
    out.write("}\n");
    out.write("if ($pc < 0) {\n$pc = -$pc;\nif (!$R.poll()) continue;\n}\n");
    out.write("$F.pc = $pc;\n");
    // What the clone cannot have changed stands in the frame already.
    const changed = assignedBehind(low.body);
    saved.forEach((v, i) => {
      if (changed.has(v)) out.write(`$F.a${i} = ${v.out};\n`);
    });
    out.write("$R.tail = $R.tail.next = $F;\nreturn;\n}\n}");
    this.tail.push({ name, out });
  }

  // --- classes and objects ----------------------------------------------------------------------------------------

  classExpression(node: Node, place: Place, out: Output): void {
    const members = node.body.body as Node[];
    const converted = members.some(
      (m) => ((m.type === "MethodDefinition" ? m.value.$fn : m.$fn) as Fn | undefined)?.converted === true,
    );
    if (!converted || (place.fn.kind === "module" && classCaptures(node).size === 0)) {
      const inside = this.classText(node, place, out, node.superClass as Node | null, null);
      if (inside.length > 0) {
        const names = new Output();
        names.write(`var ${inside.join(", ")};`);
        this.top.push(names);
      }
      return;
    }
    const token = node.$token as { factory: string };
    const keys = members.filter((m) => m.computed === true);
    const captures = [...classCaptures(node)];
    if (token.factory === "") {
      token.factory = `$c${++this.ids}${clean((node.id?.name as string | undefined) ?? "")}`;
      const made = new Output();
      const params = [
        ...captures.map((b) => b.out),
        ...(node.superClass === null ? [] : ["$super"]),
        ...keys.map((_, i) => `$k${i}`),
      ];
      made.write(`function ${token.factory}(${params.join(", ")}) {\n`);
      const body = new Output();
      const superClass: Node | null =
        node.superClass === null ? null : { type: "Identifier", name: "$super", start: 0, end: 0 };
      const name = node.id === null ? ((node.$name as string | undefined) ?? "") : "";
      const inside = this.classText(
        node,
        { ...place, self: "undefined" },
        body,
        superClass,
        keys.map((_, i) => `$k${i}`),
      );
      if (inside.length > 0) made.write(`var ${inside.join(", ")};\n`);
      made.write(name === "" ? "return " : `return { ${JSON.stringify(name)}: `);
      made.append(body);
      if (name !== "") made.write(` }[${JSON.stringify(name)}]`);
      made.write(";\n}");
      this.tail.push({ name: token.factory, out: made });
    }
    const p = new Printer(out, place, this);
    out.word(`${token.factory}(`);
    let first = true;
    const comma = (): void => {
      if (!first) out.write(", ");
      first = false;
    };
    for (const a of this.captureArguments(captures, null, place)) {
      comma();
      out.write(a);
    }
    if (node.superClass !== null) {
      comma();
      p.expr(node.superClass as Node, ASSIGN);
    }
    for (const k of keys) {
      comma();
      p.expr(k.key as Node, ASSIGN);
    }
    out.write(")");
  }

  /** Returns the names of functions its static block sets, which the text around it declares. */
  private classText(node: Node, place: Place, whole: Output, superClass: Node | null, keys: string[] | null): string[] {
    const saved = this.tail;
    const isPrivate = (node.body.body as Node[]).some((m) => m.key?.type === "PrivateIdentifier");
    if (isPrivate) this.tail = [];
    const head = new Printer(whole, place, this);
    const out = new Output();
    const p = new Printer(out, place, this);
    whole.map(node.start);
    const own = (node.id?.$b as Binding | undefined) ?? (node.$self as Binding | undefined);
    whole.word(node.id === null ? "class" : `class ${own === undefined || own.module ? node.id.name : own.out}`);
    if (superClass !== null) {
      whole.write(" extends ");
      head.expr(superClass, 15);
    }
    whole.write(" {\n");
    let k = 0;
    for (const m of node.body.body as Node[]) {
      const key: Node =
        m.computed === true && keys !== null
          ? { ...m, key: { type: "Identifier", name: keys[k++], start: 0, end: 0 } }
          : m;
      if (m.type === "MethodDefinition") {
        this.functionText(m.value.$fn as Fn, { ...(m.value as Node), $method: key }, out, "", false);
        out.write("\n");
        continue;
      }
      const fn = m.$fn as Fn | undefined;
      if (m.type === "PropertyDefinition") {
        if (m.static) out.word("static ");
        p.key(key);
        if (m.value !== null) {
          out.write(" = ");
          new Printer(out, { fn: fn!, clone: false, self: "this", args: "arguments", target: "undefined" }, this).expr(
            m.value as Node,
            ASSIGN,
          );
        }
        out.write(";\n");
        continue;
      }
      out.write("static {\n");
      const inner: Place = { fn: fn!, clone: false, self: "this", args: "arguments", target: "undefined" };
      if (fn!.converted) {
        const low = this.prepare(fn!);
        declareLocals(this.locals(fn!, low), out);
        new BodyPrinter(out, inner, this, false).plain(low.body);
      } else new Printer(out, inner, this).statements(m.body as Node[]);
      out.write("}\n");
    }
    const names: string[] = [];
    if (isPrivate) {
      // Private names end at the class's braces, so what uses them stays inside, in a static block that runs first.
      if (this.tail.length > 0) whole.write("static {\n");
      for (const c of this.tail) {
        names.push(c.name);
        whole.write(`${c.name} = `);
        whole.append(c.out);
        whole.write(";\n");
      }
      if (this.tail.length > 0) whole.write("}\n");
      this.tail = saved;
    }
    whole.append(out);
    whole.write("}");
    return names;
  }

  /** An object with methods or accessors inside a converted function: made by a factory, from its values. */
  objectWithMethods(node: Node, place: Place, out: Output): boolean {
    const properties = node.properties as Node[];
    const methods = properties.filter((p) => p.method === true || p.kind === "get" || p.kind === "set");
    const first = methods[0]?.value.$fn as Fn | undefined;
    if (first === undefined || !methods.some((m) => (m.value.$fn as Fn).converted)) return false;
    const captures = new Set(methods.flatMap((m) => [...(m.value.$fn as Fn).captures]));
    const home = methods.some((m) => (m.value.$fn as Fn).usesSuper && (m.value.$fn as Fn).suspendable);
    if (first.parent!.kind === "module" && captures.size === 0 && !home) return false;
    const operands = properties.flatMap((p): Node[] => {
      if (p.type === "SpreadElement") return [p.argument as Node];
      const isMethod = methods.includes(p);
      return [...(p.computed ? [p.key as Node] : []), ...(isMethod ? [] : [p.value as Node])];
    });
    let id = this.objects.get(first);
    if (id === undefined) {
      id = `$o${++this.ids}`;
      this.objects.set(first, id);
      const made = new Output();
      let n = 0;
      const next = (): Node => ({ type: "Identifier", name: `$p${n++}`, start: 0, end: 0 });
      const list = properties.map((p): Node => {
        if (p.type === "SpreadElement") return { ...p, argument: next() };
        const key = p.computed ? next() : p.key;
        return methods.includes(p)
          ? { ...p, key }
          : { ...p, key, value: next(), shorthand: false, $anonymous: isAnonymous(p.value as Node) };
      });
      const params = operands.map((_, i) => `$p${i}`);
      made.write(
        `function ${id}(${[...params, ...[...captures].map((b) => b.out)].join(", ")}) {\n${home ? "const $home =" : "return"} `,
      );
      new Printer(made, { ...place, self: "undefined" }, this).object({ ...node, properties: list });
      made.write(home ? ";\nreturn $home;\n}" : ";\n}");
      this.tail.push({ name: id, out: made });
    }
    const p = new Printer(out, place, this);
    out.word(`${id}(`);
    operands.forEach((o, i) => {
      if (i > 0) out.write(", ");
      if (o.type === "ClassExpression" && o.id === null && o.$name !== undefined)
        this.named(o.$name as string, "", () => p.expr(o, ASSIGN), out);
      else p.expr(o, ASSIGN);
    });
    const more = this.captureArguments(captures, null, place);
    out.write(`${operands.length > 0 && more.length > 0 ? ", " : ""}${more.join(", ")})`);
    return true;
  }

  // --- constants --------------------------------------------------------------------------------------------------

  /** One site object for both copies of a tagged template. */
  templateSite(quasi: Node): string {
    let id = this.sites.get(quasi);
    if (id === undefined) {
      id = `$s${++this.ids}`;
      this.sites.set(quasi, id);
      const out = new Output();
      const raws = (quasi.quasis as Node[]).map((q) => q.value.raw as string);
      out.write(`var ${id}v;\nfunction ${id}() {\nreturn ${id}v ??= ((s) => s)\`${raws.join("${0}")}\`;\n}`);
      this.top.push(out);
    }
    return `${id}()`;
  }

  creation(fn: Fn, at: number): string {
    const p = this.source.position(at);
    return JSON.stringify(`${this.nameOf(fn)}\n${this.options.shown}:${p.line}:${p.column}`);
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

function declareLocals(names: string[], out: Output): void {
  const once = [...new Set(names)];
  if (once.length > 0) out.write(`let ${once.join(", ")};\n`);
}

function namesOf(pattern: Node): string[] {
  if (pattern.type === "Identifier")
    return [((pattern.$b as Binding | undefined)?.out ?? (pattern.name as string)) as string];
  if (pattern.type === "AssignmentPattern") return namesOf(pattern.left as Node);
  if (pattern.type === "RestElement") return namesOf(pattern.argument as Node);
  if (pattern.type === "ArrayPattern")
    return (pattern.elements as (Node | null)[]).flatMap((e) => (e === null ? [] : namesOf(e)));
  if (pattern.type === "ObjectPattern")
    return (pattern.properties as Node[]).flatMap((p) =>
      namesOf((p.type === "RestElement" ? p.argument : p.value) as Node),
    );
  return [];
}

/**
 * The frame a fast copy makes. Frames come in three sizes, so that the scheduler meets few shapes: a frame a function
 * would make every load in its inner loop a megamorphic one.
 */
function frame(clone: string, values: string[]): string {
  const pc = "$pc < 0 ? -$pc : $pc";
  const size = [4, 8, 16].find((n) => values.length <= n);
  if (size !== undefined) return `new $R.F${size}(${[clone, pc, ...values].join(", ")})`;
  return `{ r: ${clone}, pc: ${pc}, next: null${values.map((v, i) => `, a${i}: ${v}`).join("")} }`;
}

function endsInJump(body: Stmt[]): boolean {
  const last = body[body.length - 1];
  return last !== undefined && (last.t === "return" || last.t === "throw");
}

/** A function's name as an identifier; stack.ts of the runtime reads it back. */
function cloneStem(name: string): string {
  const stem = name
    .replaceAll(".", "$_")
    .replaceAll(" ", "$s")
    .replaceAll("#", "$p")
    .replace(/[^A-Za-z0-9_$]/g, "_");
  return /^[A-Za-z_$]/.test(stem) ? stem : `_${stem}`;
}

function clean(name: string): string {
  const c = name.replace(/[^A-Za-z0-9_$]/g, "_");
  return c === "" ? "" : `_${c}`;
}

function text(node: Node): string {
  return node.type === "Literal" ? (node.raw as string) : (node.name as string);
}

function attributes(s: Node): string {
  const list = (s.attributes as Node[] | null) ?? [];
  if (list.length === 0) return "";
  return ` with { ${list.map((a) => `${text(a.key as Node)}: ${a.value.raw}`).join(", ")} }`;
}
