// Reads text/event-stream: bytes in, events out. Pure.

const pendingMax = 1 << 20; // characters of one event; ours have a few thousand

export class EventReader {
  #decoder = new TextDecoder();
  #rest = '';
  #event = { type: '', data: [] };
  lastId = ''; // of the newest event that had one

  /** The events that these bytes complete: [{ type, data, id }], data being the text. */
  read(bytes) {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop();
    if (this.#rest.length > pendingMax) throw new Error('an event is too large');
    return lines.flatMap((line) => this.#line(line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  #line(line) {
    if (line === '') return this.#finish();
    if (line.startsWith(':')) return []; // a sign of life
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event.type = value;
    else if (name === 'data') this.#event.data.push(value);
    else if (name === 'id') this.lastId = value;
    return [];
  }

  #finish() {
    const { type, data } = this.#event;
    this.#event = { type: '', data: [] };
    return data.length === 0 ? [] :
      [{ type: type || 'message', data: data.join('\n'), id: this.lastId }];
  }
}
