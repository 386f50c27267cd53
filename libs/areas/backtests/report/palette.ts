/** One accent, a neutral and a colour for losses; text colours have at least 4.5:1 on white. */
export const PALETTE = {
  ink: '#1b2430',
  muted: '#5a6472',
  hairline: '#e3e6ea',
  accent: '#14507e',
  reference: '#8b95a1',
  loss: '#a63d2f',
} as const;
