export { InvalidYamlError, parseYamlDocument, type YamlLimits } from './parse-yaml-document.ts';
export { YamlDocuments } from './yaml-documents.ts';
