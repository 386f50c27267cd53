export { Envelope, EnvelopeError, type EnvelopeFailure, type SealedBlob } from './envelope.ts';
export { EnvelopeModule } from './envelope.module.ts';
export { KeyEncryptionKeys } from './key-encryption-keys.ts';
