export { InvalidYamlError, parseYamlDocument, type YamlLimits } from './parse-yaml-document.ts';
