export { isAlive } from './is-alive.ts';
export { readSecretFile, secretFile } from './secret-file.ts';
