/** Takes a text of server-sent events apart. Pure. */

/** Cuts chunks into events; only `event` and `data` are of interest here. */
export class EventParser {
  #rest = '';
  readonly #onEvent: (name: string, data: string) => void;

  constructor(onEvent: (name: string, data: string) => void) {
    this.#onEvent = onEvent;
  }

  /** Takes a chunk, which may begin and end anywhere. */
  push(chunk: string): void {
    const blocks = (this.#rest + chunk).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      let name = 'message';
      const data: string[] = [];
      for (const line of block.split('\n')) {
        if (line.startsWith('event: ')) name = line.slice('event: '.length);
        else if (line.startsWith('data: ')) data.push(line.slice('data: '.length));
      }
      if (data.length > 0) this.#onEvent(name, data.join('\n'));
    }
  }
}
