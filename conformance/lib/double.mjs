/** @param {import("gort").Chan<number>} numbers @returns {number} */
export function double(numbers) {
  return /** @type {number} */ (numbers.recv()) * 2;
}
