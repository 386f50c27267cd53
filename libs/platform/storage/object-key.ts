const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._=+@-]{0,199}$/;
const MAX_LENGTH = 800;

/** The key itself. Throws RangeError where a driver could read it as anything but one object. */
export function objectKey(key: string): string {
  if (key.length > MAX_LENGTH || !key.split('/').every((segment) => SEGMENT.test(segment)))
    throw new RangeError(`not an object key: ${JSON.stringify(key.slice(0, 100))}`);
  return key;
}
