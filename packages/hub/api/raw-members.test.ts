import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onOneLine, rawElements, rawMembers } from './raw-members.ts';

test('[HA4] [H12] members are given as they are written', () => {
  const text = ' {"a" : 12345678901234567890 ,"b\\"}":{"2":1.0,"1":[ "]," ]},"c":"\\\\","d":-0} ';
  expect(Object.fromEntries(rawMembers(text))).toEqual({
    a: '12345678901234567890',
    'b"}': '{"2":1.0,"1":[ "]," ]}',
    c: '"\\\\"',
    d: '-0',
  });
  expect(rawMembers('{}').size).toBe(0);
  expect(rawMembers('{"a":1,"a":2}').get('a')).toBe('2');
});

test('elements are given as they are written', () => {
  expect(rawElements('[]')).toEqual([]);
  expect(rawElements(' [ {"a":[1,2]} , "x,]" ,1.50 ] ')).toEqual(['{"a":[1,2]}', '"x,]"', '1.50']);
});

test('[HA4] line breaks between the parts go, those in strings are escapes and stay', () => {
  expect(onOneLine('{"a":\r\n "b\\n",\n"c":1}')).toBe('{"a":  "b\\n", "c":1}');
});

test('[HA4] any object, written in any way, is cut at the right places', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.constantFrom(0, 2),
      (value, space) => {
        const members = rawMembers(JSON.stringify(value, undefined, space));
        const read = Array.from(members, ([name, text]) => [name, JSON.parse(text)]);
        expect(Object.fromEntries(read)).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
    { seed: Number(process.env.TELEX_FUZZ_SEED ?? 5), numRuns: 500 },
  );
});
