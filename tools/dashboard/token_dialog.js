// Asks for a token, once for all that wait for one.

import { h } from './dom.js';

/** Resolves to the token. The dialog stays until there is one: without, nothing can be shown. */
export function askForToken(why, wasGiven) {
  return new Promise((resolve) => {
    const input = h('input', { id: 'token', type: 'password', autocomplete: 'off', required: true,
      spellcheck: 'false', 'aria-describedby': 'token-why' });
    const form = h('form', { method: 'dialog' },
      h('h2', { id: 'token-title' }, 'This engine asks for a token'),
      h('p', { id: 'token-why' }, wasGiven ? `The token was refused: ${why}` :
        'One that may read is enough. It is kept for this tab only.'),
      h('label', { for: 'token' }, 'Token'), input,
      h('div', { class: 'actions' }, h('button', { class: 'primary' }, 'Continue')));
    let given = false;
    const dialog = h('dialog', { class: 'panel', 'aria-labelledby': 'token-title', data: {
      part: 'token-dialog' }, on: { cancel: (event) => event.preventDefault(),
      close: () => { if (!given) dialog.showModal(); } } }, form); // Escape twice closes it all the same
    form.addEventListener('submit', (event) => {
      event.preventDefault(); // nothing is sent: see the policy's form-action
      if (!input.value.trim()) return;
      given = true;
      dialog.close();
      dialog.remove();
      resolve(input.value.trim());
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
