import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PushPublisher } from '../src/push/push-publisher.ts';

/** An adapter under test with a subscriber's view of it. */
export interface PublisherUnderTest {
  readonly publisher: PushPublisher;
  /** Subscribes; gives the list that fills with the JSON texts that come in. */
  listen(channel: string): Promise<readonly string[]>;
  /** Settles when everything that was accepted has come in. */
  arrived(): Promise<void>;
  close(): Promise<void>;
}

/** What every `PushPublisher` does. Run on each adapter and on the fake. */
export function publisherSuite(name: string, create: () => Promise<PublisherUnderTest>): void {
  describe(`a push publisher: ${name}`, () => {
    let tested: PublisherUnderTest;
    beforeEach(async () => {
      tested = await create();
    });
    afterEach(() => tested.close());

    test('gives the data to every channel, as it was', async () => {
      const first = await tested.listen('org/ada');
      const second = await tested.listen('org/ben');
      const data = '{"seq":9007199254740993,"text":"Grüße \\u2028 \\n 😀"}';
      await tested.publisher.broadcast(['org/ada', 'org/ben', 'org/nobody'], data, 'event-1');
      await tested.arrived();
      expect(first).toEqual([data]);
      expect(second).toEqual([data]);
    });

    test('keeps the order of one channel', async () => {
      const got = await tested.listen('org/ada');
      const all = Array.from({ length: 200 }, (_, index) => `{"seq":${index}}`);
      for (const [index, data] of all.entries()) {
        await tested.publisher.broadcast(['org/ada'], data, `event-${index}`);
      }
      await tested.arrived();
      expect(got).toEqual(all);
    });

    test('delivers once under one key, also where only some channels had got it', async () => {
      const first = await tested.listen('org/ada');
      const second = await tested.listen('org/ben');
      await tested.publisher.broadcast(['org/ada'], '{"seq":1}', 'event-1');
      await tested.publisher.broadcast(['org/ada', 'org/ben'], '{"seq":1}', 'event-1');
      await tested.arrived();
      expect(first).toEqual(['{"seq":1}']);
      expect(second).toEqual(['{"seq":1}']);
    });

    test('takes no channels at all', async () => {
      await tested.publisher.broadcast([], '{}', 'event-1');
    });

    test('says for ever where the data can never be sent, and goes on with the next', async () => {
      const got = await tested.listen('org/ada');
      await expect(
        tested.publisher.broadcast(['org/ada'], '{"seq":\n1}', 'event-1'),
      ).rejects.toMatchObject({ name: 'PublishError', code: 'rejected' });
      await tested.publisher.broadcast(['org/ada'], '{"seq":2}', 'event-2');
      await tested.arrived();
      expect(got).toEqual(['{"seq":2}']);
    });
  });
}
