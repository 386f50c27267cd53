/** Names the variable that test/setup/postgres.ts sets: the owner's address of a migrated template database. */
export const TEMPLATE_URL_VARIABLE = 'ALPHASWARM_TEST_TEMPLATE_URL';

/** Names the variable of a pooler of transactions in front of that server, as `host:port`; absent: there is none. */
export const POOLER_VARIABLE = 'ALPHASWARM_TEST_POOLER';
