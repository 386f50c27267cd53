import { writeFileSync } from 'node:fs';
import { asyncApiDocument } from '#platform/sockets';

/** Writes asyncapi.json, the contract of the sockets. */
writeFileSync('asyncapi.json', `${JSON.stringify(asyncApiDocument(), null, 2)}\n`);
