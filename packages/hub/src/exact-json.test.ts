import { expect, test } from 'vitest';
import { parseExactly } from './exact-json.ts';

test('[H12] numbers keep every digit, and white space goes', () => {
  const text = '{"a": 12345678901234567890,\n "b": [1.10, 1e400, -0, null], "c": "\\u2028\\n"}';
  expect(JSON.stringify(parseExactly(text))).toBe(
    '{"a":12345678901234567890,"b":[1.10,1e400,-0,null],"c":"\u2028\\n"}',
  );
  expect(JSON.stringify(parseExactly('7.0'))).toBe('7.0');
  expect(() => parseExactly('{')).toThrow(SyntaxError);
});
