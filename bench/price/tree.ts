/** Binary trees: allocation, and recursion over objects. */
interface Tree {
  left: Tree | null;
  right: Tree | null;
}

function grow(depth: number): Tree {
  return depth === 0 ? { left: null, right: null } : { left: grow(depth - 1), right: grow(depth - 1) };
}

function size(tree: Tree | null): number {
  return tree === null ? 0 : 1 + size(tree.left) + size(tree.right);
}

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 20; i++) sum += size(grow(13));
  return sum;
}
