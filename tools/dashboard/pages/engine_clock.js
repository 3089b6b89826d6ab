// The engine's time, as far as its answers tell: durations must not depend on the reader's clock.

/** { set(iso or ms), now() }: goes on from what was last set. Before: the reader's time. */
export function engineClock() {
  let at = Date.now();
  let since = performance.now();
  return {
    set(moment) {
      at = typeof moment === 'number' ? moment : Date.parse(moment);
      since = performance.now();
    },
    now: () => at + performance.now() - since,
  };
}
