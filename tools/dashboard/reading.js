// Whether the reader is at something just now, so that it must not move: points into it, has the
// focus in it, or has scrolled to where its top is out of sight.

const headerHeight = 48;

/** Gives a function that tells it; `onFree` runs when the reader is no longer there. */
export function reading(view, element, onFree) {
  let pointed = false;
  let was = false;
  const now = () => pointed || element.contains(document.activeElement) ||
    (element.isConnected && element.getBoundingClientRect().top < headerHeight - 4);
  const check = () => {
    const is = now();
    if (was && !is) onFree();
    was = is;
  };
  const { signal } = view;
  const later = () => setTimeout(check); // the focus is nowhere while it moves
  element.addEventListener('pointerenter', () => { pointed = true; check(); }, { signal });
  element.addEventListener('pointerleave', () => { pointed = false; check(); }, { signal });
  element.addEventListener('focusin', check, { signal });
  element.addEventListener('focusout', later, { signal });
  addEventListener('scroll', () => view.draw(check), { signal, passive: true });
  return now;
}
