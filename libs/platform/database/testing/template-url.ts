/** Names the variable that test/setup/postgres.ts sets: the owner's address of a migrated template database. */
export const TEMPLATE_URL_VARIABLE = 'ALPHASWARM_TEST_TEMPLATE_URL';
