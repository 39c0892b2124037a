import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PublishError } from '../push/push-publisher.ts';
import { createEventRig, type EventRig } from '../testing/event-rig.ts';
import { type SendTestOptions, sendTest } from './send-test.ts';

let rig: EventRig;
let options: SendTestOptions;

beforeEach(async () => {
  rig = await createEventRig();
  await rig.addOrganisation('north', ['ada', 'ben']);
  await rig.dispatcher.start();
  options = {
    commits: rig.commits,
    clock: rig.clock,
    newId: rig.newId,
    committed: (...what) => rig.dispatcher.committed(...what),
    whenSent: (...what) => rig.dispatcher.whenSent(...what),
  };
});
afterEach(() => rig.close());

describe('a test notification', () => {
  test('goes to the caller alone, by the way of every other event, and says how long it took', async () => {
    const sent = await sendTest(options, 'ada', undefined);
    expect(sent).toMatchObject({
      organisation_id: 'north',
      seq: 1,
      hops: [
        { hop: 'stored', ms: expect.any(Number) },
        { hop: 'published', ms: expect.any(Number) },
      ],
    });
    expect(rig.pushed('north', 'ada')).toEqual([1]);
    expect(rig.pushed('north', 'ben')).toEqual([]);
    expect(rig.publisher.deliveries[0]?.idempotencyKey).toBe(sent.notification_id);
  });

  test('is for members of the organisation only', async () => {
    await rig.addUser('eve');
    await expect(sendTest(options, 'eve', undefined)).rejects.toMatchObject({ code: 'not_found' });
    await expect(sendTest(options, 'eve', 'north')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('that the push server does not take is an error that says it will come', async () => {
    rig.publisher.answer = () => {
      throw new PublishError('unavailable');
    };
    const refused = expect(sendTest(options, 'ada', 'north')).rejects.toMatchObject({
      code: 'unavailable',
      message: /sent as soon as/,
    });
    await rig.settle();
    await rig.clock.advance(10_000);
    await refused;
    rig.publisher.answer = () => {};
    await rig.clock.advance(20_000);
    expect(rig.pushed('north', 'ada')).toEqual([1]);
  });
});
