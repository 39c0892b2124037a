import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { faultSentence, parse, parseJson } from './parse.ts';

const schema = v.object({
  user: v.object({ id: v.string(), age: v.optional(v.number()) }),
  kind: v.literal('a'),
});

describe('parse', () => {
  it('gives the value without fields the schema does not name', () => {
    const parsed = parse(schema, { user: { id: 'u', more: 1 }, kind: 'a' });
    expect(parsed).toEqual({ ok: true, value: { user: { id: 'u' }, kind: 'a' } });
  });

  it('names the path of a missing and of a wrong field', () => {
    const parsed = parse(schema, { user: { age: 'old' }, kind: 'a' });
    expect(parsed.ok ? [] : parsed.faults.map(faultSentence)).toEqual([
      'user.id is required',
      'user.age must be number, not a string',
    ]);
  });

  it('never repeats what came in, since it may be a password', () => {
    const secret = 'hunter2-hunter2';
    for (const input of [secret, { user: secret }, { user: { id: 'u' }, kind: secret }]) {
      const parsed = parse(schema, input);
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toContain('hunter2');
    }
  });

  it('stops at twenty faults', () => {
    const parsed = parse(v.array(v.string()), Array(1000).fill(1));
    expect(parsed.ok ? 0 : parsed.faults.length).toBe(20);
  });

  it('takes any value without throwing', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        const parsed = parse(schema, input);
        expect(typeof parsed.ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseJson', () => {
  it('answers bad JSON with an outcome', () => {
    expect(parseJson('{')).toEqual({ ok: false });
    expect(parseJson('')).toEqual({ ok: false });
    expect(parseJson('[1]')).toEqual({ ok: true, value: [1] });
  });
});
