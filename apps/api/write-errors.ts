import { writeFileSync } from 'node:fs';
import { errorCatalogueDocument } from '#platform/http';

/** Writes docs/errors.md from the catalogue. */
writeFileSync('docs/errors.md', errorCatalogueDocument());
