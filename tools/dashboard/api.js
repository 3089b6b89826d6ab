// Questions to the engine. The token, where one is needed, is kept for this tab only.

import { askForToken } from './token_dialog.js';

const storageKey = 'tocsin.token';
const patienceMs = 20_000;

/** Why a question has no answer: what the engine said, or that it said nothing. */
export class ApiError extends Error {
  constructor(status, code, message, more = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status; // 0: no answer at all
    this.code = code; // for programs: 'not-evaluating', 'unreachable'…
    this.retryAfterMs = more.retryAfterMs ?? null;
    this.body = more.body ?? null; // the answer as it came: problems, for example
  }
}

/** Whether a question was given up by ourselves: nothing to tell anybody. */
export function isAbort(error) {
  return error?.name === 'AbortError';
}

export function hasToken() {
  return sessionStorage.getItem(storageKey) !== null;
}

export function forgetToken() {
  sessionStorage.removeItem(storageKey);
}

/** 'api/v1/hosts' and { search: 'a', label: ['x:y', 'p:q'] }: what is empty is left out. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') query.append(name, one);
    }
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** GET as JSON. Paths are relative to the page, so that it works below a proxy's prefix, too. */
export async function get(path, parameters, { signal } = {}) {
  return json(await ask(address(path, parameters), { signal, patienceMs }));
}

/** POST as JSON; a body that is no text is written as JSON. */
export async function post(path, body, { signal } = {}) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return json(await ask(path, { method: 'POST', body: text, signal, patienceMs }));
}

/**
 * fetch() with the token; on 401 asks for one and tries again. Throws an ApiError unless it is
 * answered 2xx. With `patienceMs`, an answer must be there whole within that.
 */
export async function ask(url, { patienceMs: limit, ...init } = {}) {
  for (;;) {
    const token = sessionStorage.getItem(storageKey);
    const headers = { ...init.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const signal = withLimit(init.signal, limit);
    const response = await reach(url, { ...init, signal, headers, cache: 'no-store' });
    if (response.ok) return response;
    const refusal = await refusalOf(response);
    if (response.status !== 401) throw refusal;
    // Another question may have got a new one meanwhile.
    if (sessionStorage.getItem(storageKey) === token) await renewToken(refusal);
    init.signal?.throwIfAborted();
  }
}

let renewing = null; // one dialog, however many questions wait for it

function renewToken(refusal) {
  renewing ??= askForToken(refusal.message, hasToken())
    .then((token) => sessionStorage.setItem(storageKey, token))
    .finally(() => { renewing = null; });
  return renewing;
}

async function reach(url, init) {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw unreachable(error);
  }
}

function unreachable(error) {
  if (isAbort(error)) return error;
  if (error.name === 'TimeoutError') {
    return new ApiError(0, 'timeout', `The engine did not answer within ${patienceMs / 1000} s.`);
  }
  return new ApiError(0, 'unreachable', 'The engine does not answer.');
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new ApiError(response.status, 'bad-answer', 'The answer is no JSON: is this Tocsin?');
    }
    throw unreachable(error);
  }
}

async function refusalOf(response) {
  const body = await response.json().catch(() => null);
  const { code, message } = body?.error ?? {};
  const after = Number(response.headers.get('Retry-After'));
  return new ApiError(response.status, code ?? `http-${response.status}`,
    message ?? `The engine answered ${response.status}.`,
    { body, retryAfterMs: after > 0 ? after * 1000 : null });
}

// Of one attempt: while somebody looks for the token, no time runs.
function withLimit(signal, limit) {
  const signals = [signal, limit && AbortSignal.timeout(limit)].filter(Boolean);
  return signals.length > 0 ? AbortSignal.any(signals) : undefined;
}
