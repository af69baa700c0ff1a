/**
 * `items.map((x) => …)` of an array as a loop in place, by the specification's steps: the engine then learns at each call
 * site of its own which elements and which callback it has, as it does for its native function, and inlines both. Whether
 * the receiver is an array, and the method the engine's own, is asked before; else the compiled version is called.
 */
import { isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import type { Lowering } from "./lowering.ts";
import { assign, at0, binary, field, literal, member, native, not, ref, undef } from "../tree/node.ts";

/** What a method does with the callback's answer. */
interface Shape {
  /** Elements that are not there are not visited. */
  holes: boolean;
  /** An array is made: as long as the receiver, or empty. */
  makes: "" | "all" | "some";
  /** The result before the first answer. */
  result: Node;
}

const shapes: Record<string, Shape> = {
  forEach: { holes: true, makes: "", result: undef },
  map: { holes: true, makes: "all", result: undef },
  filter: { holes: true, makes: "some", result: undef },
  some: { holes: true, makes: "", result: literal(false) },
  every: { holes: true, makes: "", result: literal(true) },
  find: { holes: false, makes: "", result: undef },
  findIndex: { holes: false, makes: "", result: literal(-1) },
  reduce: { holes: true, makes: "", result: undef },
};

/** Whether the call is one of a callback written in place, and nothing else but what `reduce` starts with. */
export function isArrayLoop(name: string, args: Node[]): boolean {
  return Object.hasOwn(shapes, name) && args.length === (name === "reduce" ? 2 : 1) && isFunction(args[0]!);
}

/** Whether the loop may run. */
export function mayLoop(name: string, self: Node, f: Binding): Node {
  return {
    type: "LogicalExpression",
    operator: "&&",
    left: binary("===", ref(f), member(field("own", "$N"), name)),
    right: native("isArray", self),
    ...at0,
  };
}

/** The loop; `call` makes a safepoint of the callback's call. */
export function arrayLoop(
  l: Lowering,
  name: string,
  self: Node,
  args: Node[],
  v: Binding | null,
  call: (args: Node[], to: Binding) => void,
): void {
  const shape = shapes[name]!;
  const [n, i, x, answer, result] = [l.temp(), l.temp(), l.temp(), l.temp(), l.temp()];
  const array = shape.makes === "" ? null : { kind: l.temp(), at: shape.makes === "all" ? i : l.temp() };
  l.set(n, native("lengthOf", self));
  if (array === null) l.set(result, name === "reduce" ? args[1]! : shape.result);
  else {
    l.set(array.kind, native("arraySpecies", self));
    l.set(result, native("createArray", ref(array.kind), shape.makes === "all" ? ref(n) : literal(0)));
    if (array.at !== i) l.set(array.at, literal(0));
  }
  l.set(i, literal(0));
  const loop = l.label();
  const next = l.label();
  const leave = (value: Node): void => {
    l.set(result, value);
    l.push({ t: "break", label: loop });
  };
  const unless = (test: Node, f: () => void): void => l.push({ t: "if", test, yes: l.nested(f), no: [] });
  const visit = (): void => {
    if (shape.holes) unless(not(binary("in", ref(i), self)), () => l.push({ t: "break", label: next }));
    l.set(x, element(self, ref(i)));
    if (name === "reduce") {
      call([ref(result), ref(x), ref(i), self], result);
      return;
    }
    call([ref(x), ref(i), self], answer);
    if (name === "map") put(l, result, array!, ref(answer));
    else if (name === "filter")
      unless(ref(answer), () => {
        put(l, result, array!, ref(x));
        l.set(array!.at, binary("+", ref(array!.at), literal(1)));
      });
    else if (name === "some") unless(ref(answer), () => leave(literal(true)));
    else if (name === "every") unless(not(ref(answer)), () => leave(literal(false)));
    else if (name === "find") unless(ref(answer), () => leave(ref(x)));
    else if (name === "findIndex") unless(ref(answer), () => leave(ref(i)));
  };
  const body = l.nested(() => {
    l.push({ t: "block", label: next, body: l.nested(visit) });
    l.set(i, binary("+", ref(i), literal(1)));
    l.poll(self.start);
  });
  l.push({ t: "loop", label: loop, test: binary("<", ref(i), ref(n)), body, at: self.start });
  if (v !== null) l.set(v, ref(result));
}

function element(array: Node, index: Node): Node {
  return { type: "MemberExpression", object: array, property: index, computed: true, optional: false, ...at0 };
}

/** CreateDataPropertyOrThrow: an ordinary write where nobody else has seen the array and no prototype has the index. */
function put(l: Lowering, to: Binding, array: { kind: Binding; at: Binding }, value: Node): void {
  const own = binary("===", ref(array.kind), field("ArrayOf", "$N"));
  const absent = not(binary("in", ref(array.at), ref(to)));
  l.push({
    t: "if",
    test: { type: "LogicalExpression", operator: "&&", left: own, right: absent, ...at0 },
    yes: l.nested(() => l.effect(assign(element(ref(to), ref(array.at)), value))),
    no: l.nested(() => l.effect(native("put", ref(to), ref(array.at), value, literal(false)))),
  });
}
