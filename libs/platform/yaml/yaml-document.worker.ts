import { InvalidYamlError, parseYamlDocument } from './parse-yaml-document.ts';

/** Only data crosses the thread boundary whole, so a refusal travels as data. */
export type ReadYaml = { document: Record<string, unknown> } | { refusal: { fault: string; line: number; column: number } };

export default function readYaml({ text }: { text: string }): ReadYaml {
  try {
    return { document: parseYamlDocument(text) };
  } catch (error) {
    if (error instanceof InvalidYamlError) return { refusal: { fault: error.fault, line: error.line, column: error.column } };
    throw error;
  }
}
