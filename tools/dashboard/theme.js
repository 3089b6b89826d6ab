// The colours of style.css for what is drawn on a canvas.

const dark = matchMedia('(prefers-color-scheme: dark)');
let style = null;

/** The value of a custom property of the page: colour('--series-1'). */
export function colour(name) {
  style ??= getComputedStyle(document.documentElement);
  return style.getPropertyValue(name).trim();
}

/** Calls it whenever the reader's system goes dark or light. */
export function onTheme(run, signal) {
  dark.addEventListener('change', run, { signal });
}
