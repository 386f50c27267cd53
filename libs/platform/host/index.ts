export { removeAbandoned } from './abandoned-files.ts';
export { isAlive } from './is-alive.ts';
export { LastResort } from './last-resort.ts';
export { readSecretFile, secretFile } from './secret-file.ts';
