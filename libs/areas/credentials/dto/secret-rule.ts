import { ValidateBy } from 'class-validator';

const MAX_LENGTH = 16_384;
const MAX_MEMBERS = 32;

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value.length >= 1 && value.length <= MAX_LENGTH;

function isSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return isText(value);
  const texts = Object.values(value);
  return texts.length >= 1 && texts.length <= MAX_MEMBERS && texts.every(isText);
}

/** A text of 1 to 16,384 characters, or an object of 1 to 32 such texts. */
export function IsSecret(): PropertyDecorator {
  return ValidateBy({
    name: 'secret',
    validator: {
      validate: isSecret,
      defaultMessage: () =>
        `must be a text of 1 to ${MAX_LENGTH} characters, or an object of 1 to ${MAX_MEMBERS} such texts`,
    },
  });
}
