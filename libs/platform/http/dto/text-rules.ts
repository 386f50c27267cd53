import { ValidateBy, type ValidationOptions } from 'class-validator';
import { DateTime } from 'luxon';

/** Controls that reorder the text around them (Unicode UAX 9), so that a name can pose as another. */
const BIDI_CONTROLS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const CONTROLS = /\p{Cc}/u;
/** Anything but separators, controls and format characters, of which nothing is seen. */
const VISIBLE = /[^\p{Z}\p{C}\s]/u;
/** Hours to 23 as in RFC 3339; years from 1 and offsets below 16 hours, because PostgreSQL knows no others. */
const INSTANT =
  /^(?!0000)\d{4}-\d{2}-\d{2}[Tt ]([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-](0\d|1[0-5]):[0-5]\d)$/;
const DATE = /^(?!0000)\d{4}-\d{2}-\d{2}$/;

/** Text that shows as it is: something visible, no control characters (C0, DEL, C1), none that reorder. */
export function IsName(options?: ValidationOptions): PropertyDecorator {
  return rule(
    'isName',
    (value) => typeof value === 'string' && VISIBLE.test(value) && !CONTROLS.test(value) && !BIDI_CONTROLS.test(value),
    '$property must not be blank nor contain control or bidirectional control characters',
    options,
  );
}

export function IsInstant(options?: ValidationOptions): PropertyDecorator {
  return rule(
    'isInstant',
    (value) => typeof value === 'string' && INSTANT.test(value) && DateTime.fromISO(value.replace(' ', 'T')).isValid,
    '$property must be an RFC 3339 date-time such as 2026-01-02T03:04:05Z',
    options,
  );
}

export function IsPlainDate(options?: ValidationOptions): PropertyDecorator {
  return rule(
    'isPlainDate',
    (value) => typeof value === 'string' && DATE.test(value) && DateTime.fromISO(value).isValid,
    '$property must be a date such as 2026-01-02',
    options,
  );
}

function rule(
  name: string,
  validate: (value: unknown) => boolean,
  message: string,
  options?: ValidationOptions,
): PropertyDecorator {
  return ValidateBy(
    { name, validator: { validate, defaultMessage: () => `${options?.each ? 'each value in ' : ''}${message}` } },
    options,
  );
}
