import { parseVtSymbol, SymbolError, type VtSymbol } from '#kernel';
import { stemOf } from './file-names.ts';
import { shortName } from './mapping-targets.ts';

export interface SymbolRules {
  /** Known exchanges. */
  readonly exchanges: readonly string[];
  /** Exchange of tickers that name none; null: such a ticker is refused. */
  readonly exchange: string | null;
  /** Ending of a ticker -> exchange, such as `.L` -> `LSE`; null: the ending is dropped and says nothing. */
  readonly suffixes: Readonly<Record<string, string | null>>;
  /** How a vendor's file name says its symbol; null: not at all. */
  readonly fromName?: (stem: string) => { ticker: string; exchange?: string } | null;
}

/** What texts of a file mean as symbols (data.md 14, S1). */
export class SymbolTexts {
  readonly #rules: SymbolRules;
  readonly #suffixes: readonly (readonly [string, string | null])[];

  constructor(rules: SymbolRules) {
    this.#rules = rules;
    this.#suffixes = Object.entries(rules.suffixes)
      .map(([suffix, exchange]) => [suffix.toUpperCase(), exchange] as const)
      .sort(([a], [b]) => b.length - a.length);
  }

  /**
   * The symbol of a cell. A suffix of the map comes first, then a last part that is a known exchange; else, where the
   * file's exchange is given, the whole text is the ticker. Throws SymbolError.
   */
  ofText(text: string): VtSymbol {
    const { exchange, exchanges } = this.#rules;
    const upper = text.toUpperCase();
    const suffix = this.#suffixes.find(([ending]) => upper.length > ending.length && upper.endsWith(ending));
    if (suffix) {
      const at = suffix[1] ?? exchange;
      if (at === null)
        throw new SymbolError(
          'bad_symbol',
          `${shortName(text)} names no exchange; give it in mapping.constants.exchange.`,
        );
      return parseVtSymbol(`${upper.slice(0, -suffix[0].length)}.${at}`, { exchanges });
    }
    const last = upper.slice(upper.lastIndexOf('.') + 1);
    if (exchange !== null && !(upper.includes('.') && exchanges.includes(last)))
      return parseVtSymbol(`${upper}.${exchange}`, { exchanges });
    if (!upper.includes('.'))
      throw new SymbolError(
        'bad_symbol',
        `${shortName(text)} names no exchange; give it in mapping.constants.exchange or as mapping.suffixes.`,
      );
    return parseVtSymbol(text, { exchanges });
  }

  /**
   * The symbol of a file that is named after it: `AAPL_NASDAQ.csv`, or the whole name as ticker, without any exchange
   * in LOCAL. Throws SymbolError.
   */
  ofFileName(filename: string): VtSymbol {
    const stem = stemOf(filename);
    const named = this.#rules.fromName?.(stem);
    if (named)
      return named.exchange === undefined
        ? this.#ofTicker(named.ticker)
        : parseVtSymbol(`${named.ticker}.${named.exchange}`, { exchanges: this.#rules.exchanges });
    const cut = stem.lastIndexOf('_');
    const last = stem.slice(cut + 1).toUpperCase();
    if (cut > 0 && this.#rules.exchanges.includes(last))
      return parseVtSymbol(`${stem.slice(0, cut)}.${last}`, { exchanges: this.#rules.exchanges });
    return this.#ofTicker(stem);
  }

  /**
   * A symbol that the file states beside its rows; one without an exchange is of LOCAL, as a file's name is. Throws
   * SymbolError.
   */
  ofStated(text: string): VtSymbol {
    return this.#rules.exchanges.includes(text.toUpperCase().slice(text.lastIndexOf('.') + 1)) && text.includes('.')
      ? this.ofText(text)
      : this.#ofTicker(text);
  }

  #ofTicker(ticker: string): VtSymbol {
    const upper = ticker.toUpperCase();
    if (
      this.#rules.exchange !== null ||
      this.#suffixes.some(([ending, exchange]) => exchange !== null && upper.endsWith(ending))
    )
      return this.ofText(ticker);
    const bare = this.#suffixes.find(([ending]) => upper.endsWith(ending));
    return parseVtSymbol(`${bare ? upper.slice(0, -bare[0].length) : upper}.LOCAL`, {
      exchanges: this.#rules.exchanges,
    });
  }
}
