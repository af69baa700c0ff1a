/**
 * Calls `late` when the process has been awake for about `ms` milliseconds; what it returns gives that up. Time in which it was
 * stopped or got no processor counts one step at most, so a busy machine makes no test fail.
 * @param {number} ms @param {() => void} late @returns {() => void}
 */
export function after(ms, late) {
  const step = 200;
  let left = Math.ceil(ms / step);
  const timer = setInterval(() => {
    if (--left > 0) return;
    clearInterval(timer);
    late();
  }, step);
  return () => clearInterval(timer);
}
