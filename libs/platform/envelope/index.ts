export { Envelope, EnvelopeError, type EnvelopeFailure, type SealedBlob, type WrappedKey } from './envelope.ts';
export { EnvelopeModule } from './envelope.module.ts';
export { KeyEncryptionKeys } from './key-encryption-keys.ts';
