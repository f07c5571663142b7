// Chance that is the same on every machine, from a seed.
export class Random {
  #state;

  constructor(seed) {
    this.#state = BigInt(seed);
  }

  /** From 0 to below `bound`: SplitMix64. */
  below(bound) {
    const mask = (1n << 64n) - 1n;
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & mask;
    let z = this.#state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return Number((z ^ (z >> 31n)) % BigInt(bound));
  }

  between(low, high) {
    return low + this.below(high - low + 1);
  }

  of(values) {
    return values[this.below(values.length)];
  }

  chance(percent) {
    return this.below(100) < percent;
  }
}
