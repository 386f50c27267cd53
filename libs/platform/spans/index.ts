export { enableSpans, inSpan } from './in-span.ts';
