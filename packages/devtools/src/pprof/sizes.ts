/**
 * Sizes of sampled objects. The engine scales: a sample of an object of `size` bytes stands for `1 / (1 - exp(-size / rate))` of them, rounded,
 * and the inspector tells the product of both alone. Which sizes that can be is a short list; which it was, where one place has several
 * samples, the sum the engine gives for the place says: it was rounded once for all of them.
 */

/** Sizes are multiples of it. */
const WORD = 8;
/** Sizes up to here are tried one by one. */
const SMALL = 4096;
/** Combinations of sizes that are tried for one place. */
const MOST = 4096;

/** How many objects `n` samples of `size` stand for. */
export function scaled(size: number, n: number, rate: number): number {
  return Math.floor(n / (1 - Math.exp(-size / rate)) + 0.5);
}

/** Samples of one size at one place. */
export interface Sized {
  size: number;
  samples: number;
}

export class Sizes {
  readonly #rate: number;
  /** By product. */
  readonly #small: Map<number, number[]> = new Map();

  /** @param rate Bytes between samples. Of one that many small numbers divide, products say the size of small objects. */
  constructor(rate: number) {
    this.#rate = rate;
    for (let size = WORD; size <= SMALL; size += WORD) {
      const product = size * scaled(size, 1, rate);
      const known = this.#small.get(product);
      if (known === undefined) this.#small.set(product, [size]);
      else known.push(size);
    }
  }

  /** Sizes whose samples have this product, the smallest first; itself if there is none. */
  candidates(product: number): number[] {
    const found = [...(this.#small.get(product) ?? [])];
    for (let count = Math.ceil(this.#rate / SMALL) + 2; count > 0; count--) {
      const size = product / count;
      if (size > SMALL && size % WORD === 0 && scaled(size, 1, this.#rate) === count) found.push(size);
    }
    return found.length === 0 ? [product] : found;
  }

  /** What the samples of one place were. `total`: the bytes they stand for, as the engine says. */
  of(products: ReadonlyMap<number, number>, total: number): Sized[] {
    const groups = [...products].map(([product, samples]) => ({ samples, sizes: this.candidates(product) }));
    const best = groups.map(({ sizes, samples }) => ({ size: sizes[0] as number, samples }));
    if (groups.reduce((n, { sizes }) => n * sizes.length, 1) > MOST) return best;
    let [error, chosen] = [Number.POSITIVE_INFINITY, groups.map(({ sizes }) => sizes[0] as number)];
    const tried = [...chosen];
    const attempt = (i: number, sum: number): void => {
      if (i === groups.length) {
        if (Math.abs(sum - total) >= error) return;
        error = Math.abs(sum - total);
        chosen = [...tried];
        return;
      }
      const { samples, sizes } = groups[i]!;
      for (const size of sizes) {
        tried[i] = size;
        attempt(i + 1, sum + size * scaled(size, samples, this.#rate));
      }
    };
    attempt(0, 0);
    return groups.map(({ samples }, i) => ({ size: chosen[i] as number, samples }));
  }
}
