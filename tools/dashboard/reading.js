// Whether the reader is at something just now, so that it must not move: points into it, has the
// focus in it, or has scrolled to where its top is out of sight. Asking costs no layout.

const headerHeight = 48;

/** Gives a function that tells it; `onFree` runs when the reader is no longer there. */
export function reading(view, element, onFree) {
  const at = { pointed: false, focused: false, past: false };
  const now = () => at.pointed || at.focused || at.past;
  const set = (change) => {
    const was = now();
    Object.assign(at, change);
    if (was && !now()) onFree();
  };
  const { signal } = view;
  element.addEventListener('pointerenter', () => set({ pointed: true }), { signal });
  element.addEventListener('pointerleave', () => set({ pointed: false }), { signal });
  element.addEventListener('focusin', () => set({ focused: true }), { signal });
  element.addEventListener('focusout', () => setTimeout(() => // it is nowhere while it moves
    set({ focused: element.contains(document.activeElement) })), { signal });
  const top = new IntersectionObserver((entries) => {
    const { isIntersecting, boundingClientRect } = entries.at(-1);
    set({ past: !isIntersecting && boundingClientRect.bottom < headerHeight + 1 &&
      boundingClientRect.height > 0 });
  }, { rootMargin: `-${headerHeight}px 0px 0px` });
  top.observe(element.querySelector('thead') ?? element);
  signal.addEventListener('abort', () => top.disconnect());
  return now;
}

/** To the heading of a section, from a button in it that goes: whoever pressed it stays there. */
export function focusHead(section) {
  const head = section.querySelector('h2');
  head.tabIndex = -1;
  head.focus({ preventScroll: true });
  section.scrollIntoView({ block: 'start' });
}
