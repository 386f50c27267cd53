/** The parts of the API in the order of a user's day, a sentence each. */
const TAGS: Readonly<Record<string, string>> = {
  auth: 'Who you are, what your token lets you do, and a token for development.',
  ingest:
    'Bring your own files in: upload one, preview what would become of it, run it, and see which rows were refused.',
  data:
    'What is stored: instruments and calendars, bars of any interval and normalisation, how complete they are, ' +
    'corporate actions.',
  strategies: 'Recipes: store, check, version and compare them; the catalogue of components they are made of.',
  backtests: 'Run a recipe, follow it, and read its metrics, orders, fills, equity, event log and tear sheet.',
  jobs: 'Work that outlives its request: what waits, what runs, cancel and retry.',
  sockets: 'Tickets with which a browser opens the WebSockets that stream progress.',
  tenancy: 'Organizations, teams, workspaces, projects, labs and who belongs to them.',
  credentials: 'Keys of brokers, models and vendors, sealed: bring them, replace and revoke them.',
  audit: 'What was done by whom, and the proof that nobody changed the record.',
  health: 'Whether the service is alive and ready, for load balancers and operators.',
};

/**
 * The tags that operations use, in that order; those without a sentence, such as of routes that only tests mount, come
 * last.
 */
export function tagsOf(used: ReadonlySet<string>): { name: string; description?: string }[] {
  const told = Object.entries(TAGS)
    .filter(([name]) => used.has(name))
    .map(([name, description]) => ({ name, description }));
  return [...told, ...[...used].filter((name) => !(name in TAGS)).map((name) => ({ name }))];
}
