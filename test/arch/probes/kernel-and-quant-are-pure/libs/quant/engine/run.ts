import { readFileSync } from 'node:fs';

export const recipe = readFileSync('recipe.json', 'utf8');
