import { faultTable } from '@telex/client';
import { expect, test } from 'vitest';
import { pageOutcome } from '../page-outcome.ts';
import { problemWords, words, wordsOfProblem } from './words.ts';

/** What a try can come to and a person can do something about. */
const ofSigningIn = [
  'wrong_credentials',
  'bad_input',
  'no_network',
  'unreachable',
  'timeout',
  'untrusted_certificate',
  'not_telex',
  'bad_reply',
  'too_many_tries',
  'server_error',
  'unavailable',
  'forbidden',
  'insecure_address',
];

test.each(ofSigningIn)('[L9] %s has words of its own, which say what to do', (code) => {
  expect(Object.keys(faultTable)).toContain(code);
  const { title, text } = wordsOfProblem(code);
  expect(title).not.toBe(wordsOfProblem('something else').title);
  expect(text).toMatch(/[.]$/);
});

test('[L9] wrong password, no network, untrusted certificate, too many tries, server fault and a stranger are told apart', () => {
  const codes = [
    'wrong_credentials',
    'no_network',
    'untrusted_certificate',
    'too_many_tries',
    'server_error',
    'not_telex',
  ];
  const texts = codes.map((code) => `${wordsOfProblem(code).title} ${wordsOfProblem(code).text}`);
  expect(new Set(texts).size).toBe(codes.length);
});

test('[L9] a code without words of its own is told by its sentence', () => {
  const outcome = pageOutcome({ ok: false, code: 'constructor', sentence: 'It rained in.' });
  expect(outcome).toEqual({
    kind: 'failed',
    problem: { title: 'Signing in did not work', text: 'It rained in.', field: undefined },
    clearsPassword: false,
    waitMs: 0,
  });
});

test('no words promise that something happens by itself: in the dialog the user tries again', () => {
  const all = [...Object.values(words), ...Object.values(problemWords).map(({ text }) => text)];
  expect(all.filter((text) => text.includes('by itself'))).toEqual([]);
});
