/**
 * Functions inside functions become factories at the end of the module, called with what they capture, so that both
 * copies make the same closure and a frame is plain data.
 */
import type { Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { Output } from "../print/output.ts";
import type { Emitter, Place } from "../print/place.ts";
import { Emission } from "./emission.ts";
import { nameKey } from "./text.ts";

export abstract class FactoryEmitter extends Emission implements Emitter {
  abstract classExpression(node: Node, place: Place, out: Output): void;
  abstract functionDeclaration(node: Node, place: Place, out: Output): void;
  abstract functionExpression(node: Node, place: Place, out: Output): void;
  abstract memberKey(print: () => void): void;
  abstract objectWithMethods(node: Node, place: Place, out: Output): boolean;
  /** The function as it stands in the user's code, or its fast copy. `name` is what follows `function`. */
  protected abstract functionText(fn: Fn, node: Node, out: Output, name: string, lifted: boolean): void;

  protected needsFactory(fn: Fn): boolean {
    if (!fn.converted || fn.parent === null) return false;
    if (fn.kind === "method" || fn.kind === "getter" || fn.kind === "setter" || fn.kind === "constructor") return false;
    const renamed =
      fn.kind === "function" && fn.self !== null && fn.self.kind === "self" && fn.self.out !== fn.self.name;
    return fn.parent.kind !== "module" || this.captured(fn).length > 0 || renamed;
  }

  /**
   * The variables that a function which stays in its place uses, of blocks at the top of the module that are taken apart: in a loop the next
   * round has another by that name.
   */
  protected ofRound(fn: Fn): string {
    if (fn.converted || fn.parent?.kind !== "module" || (fn.kind !== "function" && fn.kind !== "arrow")) return "";
    return [...fn.captures]
      .filter((b) => b.apart)
      .map((b) => b.out)
      .join(",");
  }

  /** What a lifted function is given, apart from itself. */
  protected captured(fn: Fn): Binding[] {
    return [...fn.captures].filter((b) => b !== fn.self);
  }

  protected captureArguments(captures: Iterable<Binding>, fn: Fn | null, place: Place): string[] {
    const args = [...captures].map((b) => b.out);
    if (fn !== null && fn.kind === "arrow") {
      if (fn.usesThis) args.push(place.self);
      if (fn.usesArguments) args.push(place.args);
      if (fn.usesNewTarget) args.push(place.target);
      if (fn.usesSuper) args.push(place.home ?? this.home(methodOf(fn)));
    }
    return args;
  }

  protected factory(fn: Fn, node: Node): void {
    const out = new Output();
    const params = this.captured(fn).map((b) => b.out);
    if (fn.kind === "arrow") {
      if (fn.usesThis) params.push("$this");
      if (fn.usesArguments) params.push("$args");
      if (fn.usesNewTarget) params.push("$target");
      if (fn.usesSuper) params.push("$home");
    }
    out.write(`function ${fn.id}(${params.join(",")}){${this.directive(fn)}`);
    const written = (node.id?.name as string | undefined) ?? "";
    const shown = fn.inferred !== "" ? fn.inferred : written;
    // Its own name must not hide a box of that name.
    const hides = this.captured(fn).some((b) => b.out === written);
    const ownName = fn.kind === "function" && !hides ? (fn.self?.out ?? written) : "";
    if (fn.self !== null && (fn.self.kind === "const" || (ownName !== "" && ownName !== written))) {
      // const walk = (n) => … walk(n - 1) …: reached through its own constant. So is a function that had to be renamed.
      out.write(`const ${fn.self.out}=`);
      this.named(shown, fn.self.out, () => this.functionText(fn, node, out, "", true), out);
      out.write(`;return ${fn.self.out}}`);
    } else if (ownName !== "") {
      out.write("return ");
      this.functionText(fn, node, out, ownName, true);
      out.write("}");
    } else if (shown !== "") {
      out.write("return ");
      this.named(shown, "", () => this.functionText(fn, node, out, "", true), out);
      out.write("}");
    } else {
      out.write("return ");
      this.functionText(fn, node, out, "", true);
      out.write("}");
    }
    this.tail.push({ name: fn.id, out });
  }

  /** Prints an anonymous function so that it is called `name`. */
  protected named(name: string, constant: string, print: () => void, out: Output): void {
    if (name === "" || name === constant) {
      print();
      return;
    }
    const key = nameKey(name);
    out.write(`{${key}:`);
    print();
    out.write(`}[${JSON.stringify(name)}]`);
  }

  protected home(fn: Fn): string {
    const c = fn.classNode;
    if (c === null) return "$home";
    const name =
      (c?.id?.$b as Binding | undefined)?.out ??
      (c?.$self as Binding | undefined)?.out ??
      (c?.id?.name as string | undefined) ??
      // A class without a name is kept in a variable by its own static block.
      (c.$held ??= `$h${++this.ids}`);
    const isStatic = (c.body.body as Node[]).some(
      (m) =>
        (m.static === true || m.type === "StaticBlock") &&
        (m === fn.node || m.value === fn.node || m.value?.$fn === fn),
    );
    return isStatic ? name : `${name}.prototype`;
  }
}

/** At the top of the module the variables of blocks that are not taken apart are the engine's. */
export function areOfEngine(captures: readonly Binding[]): boolean {
  return captures.every((b) => !b.apart);
}

/** The method whose `super` an arrow function uses. */
export function methodOf(arrow: Fn): Fn {
  let fn = arrow;
  while (fn.kind === "arrow" && fn.parent !== null) fn = fn.parent;
  return fn;
}
