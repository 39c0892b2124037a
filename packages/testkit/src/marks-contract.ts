import { expect, test } from 'vitest';

/** What every place for marks must do; run by each implementation's test. */
interface MarksStoreUnderTest {
  load(key: string): Promise<Readonly<Record<string, number>>>;
  save(key: string, marks: Readonly<Record<string, number>>): Promise<void>;
}

/** @param open a new, empty store, and one that looks at the same place after a restart. */
export function marksStoreContract(
  title: string,
  open: () => Promise<{ store: MarksStoreUnderTest; reopen: () => MarksStoreUnderTest }>,
): void {
  test(`${title}: marks that were never saved are empty`, async () => {
    const { store } = await open();
    expect(await store.load('nobody')).toEqual({});
  });

  test(`${title}: what was saved is loaded, also after a restart, for that key only`, async () => {
    const { store, reopen } = await open();
    await store.save('https://a user', { o: 3, p: 0 });
    await store.save('https://b user', { o: 9 });
    expect(await store.load('https://a user')).toEqual({ o: 3, p: 0 });
    expect(await reopen().load('https://a user')).toEqual({ o: 3, p: 0 });
    expect(await reopen().load('https://b user')).toEqual({ o: 9 });
  });

  test(`${title}: a later save takes the place of an earlier one, and does not change what was given`, async () => {
    const { store } = await open();
    const marks = { o: 1 };
    await store.save('k', marks);
    await store.save('k', { o: 2 });
    expect(await store.load('k')).toEqual({ o: 2 });
    expect(marks).toEqual({ o: 1 });
  });

  test(`${title}: names of every kind are kept`, async () => {
    const { store } = await open();
    const marks = { 'ö/ü ☃': 1, constructor: 2, '': 3 };
    await store.save('../../x\u0000y', marks);
    expect(await store.load('../../x\u0000y')).toEqual(marks);
  });
}
