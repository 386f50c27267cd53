import { SymbolError, type VtSymbol } from '#kernel';
import { type Calendar, calendarFor } from '#quant/calendars';
import type { BarRuleOptions, SymbolSources, VendorRules } from './bar-rule-options.ts';
import { SymbolTexts } from './symbol-texts.ts';

export interface SymbolFacts {
  readonly vtSymbol: string;
  readonly calendar: Calendar;
  /** Its prices may be negative. */
  readonly negative: boolean;
  readonly known: boolean;
}

/** Why a text is no symbol. */
export interface SymbolFault {
  readonly code: 'bad_symbol' | 'unknown_exchange';
  readonly text: string;
  readonly why: string;
}

/** Symbols of rows, each looked up once. */
export class RowSymbols {
  readonly #texts: SymbolTexts;
  readonly #negative: ReadonlySet<string>;
  readonly #known: ReadonlySet<string> | null;
  readonly #sources: SymbolSources;
  readonly #ofText = new Map<string, SymbolFacts | SymbolFault>();
  readonly #ofName = new Map<string, SymbolFacts | SymbolFault>();

  constructor(options: BarRuleOptions, vendor: VendorRules, sources: SymbolSources) {
    this.#negative = new Set(options.negativeAllowed);
    this.#known = options.knownSymbols && new Set(options.knownSymbols);
    this.#sources = sources;
    this.#texts = new SymbolTexts({
      exchanges: options.exchanges,
      exchange: options.exchange ?? vendor.exchange ?? null,
      suffixes: { ...vendor.suffixes, ...options.suffixes },
      fromName: vendor.fromName,
    });
  }

  ofText(text: string): SymbolFacts | SymbolFault {
    let facts = this.#ofText.get(text);
    if (!facts) this.#ofText.set(text, (facts = this.#look(text, () => this.#texts.ofText(text))));
    return facts;
  }

  /**
   * What the file states beside its rows, or the name of the archive's member or of the file; undefined when there is
   * none.
   */
  ofFile(member: string | undefined): SymbolFacts | SymbolFault | undefined {
    const stated = this.#sources.stated ?? null;
    const name = stated ?? member ?? this.#sources.filename ?? null;
    if (name === null) return undefined;
    let facts = this.#ofName.get(name);
    if (!facts)
      this.#ofName.set(
        name,
        (facts = this.#look(name, () => (stated !== null ? this.#texts.ofStated(name) : this.#texts.ofFileName(name)))),
      );
    return facts;
  }

  #look(text: string, parse: () => VtSymbol): SymbolFacts | SymbolFault {
    try {
      const { ticker, exchange } = parse();
      const vtSymbol = `${ticker}.${exchange}`;
      return {
        vtSymbol,
        calendar: calendarFor(exchange),
        negative: this.#negative.has(vtSymbol) || exchange === 'CME',
        known: this.#known?.has(vtSymbol) ?? true,
      };
    } catch (error) {
      if (error instanceof SymbolError) return { code: error.code as SymbolFault['code'], text, why: error.message };
      throw error;
    }
  }
}
