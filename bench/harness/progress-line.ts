/** One line that is overwritten in a terminal; in a pipe each new text is a line of its own. */
export class ProgressLine {
  readonly #terminal = process.stderr.isTTY === true;
  #last = '';

  show(text: string): void {
    if (this.#terminal) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  /** A text that stays. */
  step(text: string): void {
    if (text === this.#last) return;
    this.#last = text;
    if (this.#terminal) this.show(text);
    else process.stderr.write(`${text}\n`);
  }

  clear(): void {
    if (this.#terminal) process.stderr.write('\r\x1b[2K');
  }
}
