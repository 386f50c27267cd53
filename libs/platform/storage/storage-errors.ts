import { UnavailableError } from '#kernel';

/** The storage does not answer, or refuses its account: 503 `dependency_unavailable`, the caller may try again. */
export class StorageUnavailableError extends UnavailableError {
  constructor(cause: unknown) {
    super('dependency_unavailable', 'The object storage does not answer.', 2, cause);
  }
}

/** No object has this key. Reading a recorded artifact turns it into 410 `artifact_gone`. */
export class ObjectMissingError extends Error {
  readonly key: string;

  constructor(key: string, cause?: unknown) {
    super(`there is no object ${key}`, { cause });
    this.name = 'ObjectMissingError';
    this.key = key;
  }
}

/** A put with `ifAbsent` found an object under its key. */
export class ObjectExistsError extends Error {
  readonly key: string;

  constructor(key: string, cause?: unknown) {
    super(`there is an object ${key} already`, { cause });
    this.name = 'ObjectExistsError';
    this.key = key;
  }
}
