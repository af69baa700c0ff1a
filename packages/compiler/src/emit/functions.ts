/**
 * Functions: untouched where they cannot suspend, else in two copies.
 *
 *     function f(a){                       function f$r1($F){                     the resume clone
 *       let x,$p=0;                          if(!$F)return $M("f","3:5");         what it is called, and where
 *       o:{                                  let{pc:$p,a0:y}=$F,$v,x;
 *         if((x=g(a))===void 0&&$R.u){       o:{
 *           $p=1;break o                       $v=$R.taken();
 *         }                                    $p=0;x=$v;
 *         return x+y                           return x+y
 *       }                                    }
 *       return $R.leave4($p,f$r1,y)          $F.pc=$p;                            saved in place; a poll may say no and go on
 *     }                                    }
 */
import type { Node } from "../tree/ast.ts";
import { BodyPrinter } from "./body.ts";
import { ClonePrinter } from "./clone.ts";
import { FOREIGN, UNKNOWN } from "../analyze/owner.ts";
import { holdsLoopPoll, holdsOutside, holdsPoll, loopPolls, number } from "../ir/ir.ts";
import { assignedBehind, liveness } from "../ir/live.ts";
import { shareVariables } from "../ir/slots.ts";
import { lowerFunction } from "../lower/function.ts";
import type { Lowered } from "../lower/lowering.ts";
import { isForBox } from "../scope/inferred.ts";
import { isReserved } from "../scope/names.ts";
import { Output } from "../print/output.ts";
import type { Place } from "../print/place.ts";
import { Printer } from "../print/printer.ts";
import { FRAME, SWAPPED } from "../analyze/recursion.ts";
import { ASSIGN } from "../print/rank.ts";
import { startsLikeDeclaration } from "../print/shape.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import type { Prepared } from "./emission.ts";
import { FactoryEmitter, methodOf } from "./factories.ts";
import { clean, cloneStem, declareLocals, endsInJump, exit, namesOf, ownRuntime, positions } from "./text.ts";

export abstract class FunctionEmitter extends FactoryEmitter {
  /** A function that is run once to make the module. */
  protected abstract wrapper(node: Node, out: Output): void;

  functionDeclaration(node: Node, _place: Place, out: Output): void {
    const b = node.id?.$b as Binding | undefined;
    const written = (node.id?.name as string | undefined) ?? "";
    this.functionText(node.$fn as Fn, node, out, b?.module === true ? b.out : written, false);
  }

  functionExpression(node: Node, place: Place, out: Output): void {
    const fn = node.$fn as Fn;
    if (fn.kind === "module") {
      this.wrapper(node, out);
      return;
    }
    if (!this.needsFactory(fn)) {
      const written = (node.id?.name as string | undefined) ?? "";
      // One that its block declares is called as it was written, whatever the variable is called that it is reached by.
      const declared = fn.self?.kind === "function" && !isReserved(written);
      const own = fn.self === null || declared || node.type === "ArrowFunctionExpression" ? written : fn.self.out;
      // What holds it may be called otherwise.
      const shared = this.ofRound(fn);
      const name = isReserved(fn.inferred) || isForBox(node) || shared !== "" ? fn.inferred : "";
      // It is not there yet where its own variable is handed on.
      const itself = [...fn.captures].find((b) => b.apart && !b.boxed && b.node === fn.node);
      if (shared !== "") out.write(`((${shared})=>(${itself === undefined ? "" : `${itself.out}=`}`);
      this.named(name, "", () => this.functionText(fn, node, out, own, false), out);
      if (shared !== "") out.write(`))(${shared})`);
      return;
    }
    if (fn.id === "") {
      fn.id = `$f${++this.ids}${clean(fn.name)}`;
      this.factory(fn, node);
    }
    out.map(node.start);
    out.word(`${fn.id}(${this.captureArguments(this.captured(fn), fn, place).join(",")})`);
  }

  protected prepare(fn: Fn): Prepared {
    let p = this.prepared.get(fn);
    if (p === undefined) {
      const low = lowerFunction(fn, this.source);
      const at = number(low.body);
      const live = fn.suspendable ? liveness(low.body) : null;
      shareVariables(low.body, low.temps, this.firstTemporary);
      const names = new Set<string>();
      const saved = live === null ? [] : live.saved.filter((b) => names.size < names.add(b.out).size);
      if (live !== null) {
        // Its own: variables of functions around it, and parameters, which may be one with `arguments`, are no copy's.
        const own = this.locals(fn, low).filter((name) => names.has(name));
        for (const poll of loopPolls(low.body)) {
          const needed = new Set(live.at(poll).map((b) => b.out));
          poll.dead = own.filter((name) => !needed.has(name));
        }
      }
      p = { ...low, at, saved };
      this.prepared.set(fn, p);
    }
    return p;
  }

  /** The function as it stands in the user's code, or its fast copy. `name` is what follows `function`. */
  protected functionText(fn: Fn, node: Node, out: Output, name: string, lifted: boolean): void {
    const arrow = node.type === "ArrowFunctionExpression";
    const inFactory = lifted && arrow;
    const place: Place = {
      fn,
      clone: false,
      self: inFactory ? "$this" : "this",
      args: inFactory ? "$args" : "arguments",
      target: inFactory ? "$target" : "new.target",
      ...(inFactory && fn.usesSuper ? { home: "$home" } : {}),
    };
    const printer = new Printer(out, place, this);
    const low = fn.converted ? this.prepare(fn) : null;
    const method = node.$method as Node | undefined;
    out.map(node.start, fn.name === "" && method === undefined ? this.nameOf(fn) : "");
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
      if (i > 0) out.write(",");
      printer.expr(x, ASSIGN);
    });
    out.write(arrow ? ")=>" : ")");
    if (low === null) {
      const body = node.body as Node;
      if (body.type === "BlockStatement") {
        out.write("{");
        const inside = new Output();
        const statements = body.body as Node[];
        // In front of anything else, or they are none.
        if (fn.early) for (const s of statements) if (s.directive) out.write(`${s.expression.raw};`);
        new Printer(inside, place, this).statements(fn.early ? statements.filter((s) => !s.directive) : statements);
        if (fn.early && /\$[RUN]\b/.test(inside.text)) out.write(ownRuntime(this.scopes.swaps));
        out.append(inside);
        out.close();
      } else if (startsLikeDeclaration(body)) {
        // It would be a block.
        out.write("(");
        printer.expr(body);
        out.write(")");
      } else printer.expr(body, ASSIGN);
      return;
    }
    out.write("{");
    if (node.body.type === "BlockStatement")
      for (const s of node.body.body as Node[]) if (s.directive) out.write(`${s.expression.raw};`);
    if (fn.early) out.write(ownRuntime(this.scopes.swaps));
    const locals = this.locals(fn, low);
    const b = new BodyPrinter(out, place, this, this.options.force);
    if (!fn.suspendable) {
      if (fn.awaits) {
        declareLocals([...locals, "$v", "$g=$R.enter()"], out);
        out.write("try{");
        b.plain(low.body);
        out.close();
        out.write("finally{$R.away($g)}}");
        return;
      }
      declareLocals(locals, out);
      b.plain(low.body);
      out.close();
      return;
    }
    fn.loops = holdsLoopPoll(low.body);
    if (fn.recursive)
      fn.frame =
        Math.ceil((FRAME + (fn.swaps ? SWAPPED : 0) + fn.under) / 8) +
        locals.length +
        pollWords(fn).length +
        (node.params as Node[]).length;
    const cloneName = `${cloneStem(this.nameOf(fn))}$r${++this.ids}`;
    const values = this.fields(fn, low, place).map(([, v]) => v);
    // One exit for all functions, in the runtime: written out here it would use up the engine's budget for inlining.
    const leave = (pc: string): string => `return ${exit(pc, cloneName, values)}`;
    const once = low.at.length === 1 && holdsOutside(low.body);
    declareLocals([...locals, ...(once ? [] : ["$p=0"]), ...pollWords(fn)], out);
    // A callback that is entered while the stack unwinds was called by a native function that goes on regardless.
    if (node.$callback === true) out.write("if($R.u)$R.nativeFrame();");
    if (once) {
      new BodyPrinter(out, place, this, this.options.force, (pc) => leave(String(pc))).plain(low.body);
      out.unmap();
      out.close();
    } else {
      out.write("o:{");
      b.plain(low.body);
      if (!endsInJump(low.body)) b.end();
      out.close();
      out.unmap();
      out.write(`${leave("$p")}}`);
    }
    this.clone(fn, node, low, cloneName, locals);
  }

  /** Field and value of everything a frame of `fn` saves. */
  protected fields(fn: Fn, low: Prepared, place: Place): [string, string][] {
    const fields: [string, string][] = low.saved.map((b, i) => [`a${i}`, b.out]);
    const add = (value: string): void => void fields.push([`a${fields.length}`, value]);
    if (fn.usesThis) add(place.self);
    if (fn.usesArguments) add(place.args);
    if (fn.usesNewTarget) add(place.target);
    if (fn.usesSuper) add(place.home ?? this.home(methodOf(fn)));
    return fields;
  }

  protected locals(fn: Fn, low: Lowered): string[] {
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
    const all = [...fn.bindings.filter((b) => b.kind !== "self" && !header.has(b)), ...low.temps];
    return [...new Set(all.map((b) => b.out))].filter((name) => name !== "");
  }

  protected clone(fn: Fn, node: Node, low: Prepared, name: string, locals: string[]): void {
    const out = new Output();
    const place: Place = { fn, clone: true, self: "$this", args: "$args", target: "$target", home: "$home" };
    const { at, saved } = low;
    out.map(node.start);
    out.write(`function ${name}($F){${this.directive(fn)}`);
    this.tells = true;
    const places = positions(at.map((o) => this.source.position(o)));
    const asked = node.$engine === true || node.$given === FOREIGN ? "!" : node.$given === UNKNOWN ? "?" : "";
    out.unmap();
    out.write(`if(!$F)return ${this.teller}(${JSON.stringify(this.nameOf(fn))},"${places}${asked}");`);
    if (fn.early) out.write(ownRuntime(this.scopes.swaps));
    const loads = saved.map((b, i) => `a${i}:${b.out}`);
    const loaded = new Set(saved.map((b) => b.out));
    const header = low.params.flatMap((p) => namesOf(p));
    const rest = [...new Set([...locals, ...header])].filter((n) => !loaded.has(n));
    declareLocals([`{${["pc:$p", ...loads].join(",")}}=$F`, "$v", ...rest, ...pollWords(fn)], out);
    const special = this.fields(fn, low, place).slice(saved.length);
    if (special.length > 0) out.write(`const ${special.map(([k, v]) => `${v}=$F.${k}`).join(",")};`);
    const body = new Output();
    const printer = new ClonePrinter(body, place, this, this.options.force);
    printer.clone(low.body);
    if (printer.exits === 0) {
      // It does not stop again.
      out.append(body);
      out.close();
      this.tail.push({ name, out });
      return;
    }
    if (!endsInJump(low.body)) body.word("return;");
    const polls = holdsPoll(low.body);
    out.write(polls ? "for(;;){o:{" : "o:{");
    out.append(body);
    out.unmap();
    out.close();
    if (polls) out.write("if($p<0){$p=-$p;if(!$R.poll($F))continue}");
    out.write("$F.pc=$p;");
    // What the clone cannot have changed stands in the frame already.
    const changed = new Set([...assignedBehind(low.body)].map((b) => b.out));
    saved.forEach((v, i) => {
      if (changed.has(v.out)) out.write(`$F.a${i}=${v.out};`);
    });
    if (polls) out.write("return}");
    out.close();
    this.tail.push({ name, out });
  }
}

/**
 * A function that polls in loops keeps the poll words in a local variable. In loops within loops the engine comes to the access before it has
 * made a constant of the module's variable, and then reads length, base and offset of the array each time around.
 */
function pollWords(fn: Fn): string[] {
  return fn.loops ? ["$u=$U"] : [];
}
