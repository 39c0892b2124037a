import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { hubFigures, renderSamples } from './index.ts';

test('[HA14] what happens is counted under the names of Centrifugo', () => {
  const { hub, client } = fakeHub(channelsWith({}));
  const ann = client();
  const bob = client('bob');
  ann.subscribe('a');
  hub.publish('a', '1');
  const { epoch } = hub.history('a', { limit: 0 });
  bob.subscribe('a', { recover: true, offset: 0, epoch }, { user: 'bob' });
  hub.unsubscribe({ user: 'bob' }, 'a');
  bob.subscribe('a', { recover: true, offset: 0, epoch: 'other' }, { user: 'bob' });
  ann.subscribe('a');
  hub.disconnect({ user: 'bob' }, { code: 4501, reason: 'logged out' });
  const lines = renderSamples(hubFigures(hub.stats(), '1.2.3')).split('\n');
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual(
    expect.arrayContaining([
      'centrifugo_node_build{version="1.2.3"} 1',
      'centrifugo_node_num_clients 1',
      'centrifugo_node_num_users 1',
      'centrifugo_node_num_subscriptions 1',
      'centrifugo_node_num_channels 1',
      'centrifugo_node_messages_sent_count{type="publication"} 1',
      'centrifugo_transport_messages_sent{transport="websocket",frame_type="push_publication"} 1',
      'centrifugo_client_num_commands{method="connect"} 2',
      'centrifugo_client_num_commands{method="subscribe"} 4',
      'centrifugo_client_num_reply_errors{code="105"} 1',
      'centrifugo_client_num_server_disconnects{code="4501"} 1',
      'centrifugo_client_num_server_unsubscribes{code="2000"} 1',
      'centrifugo_client_recover{recovered="yes"} 1',
      'centrifugo_client_recover{recovered="no"} 1',
    ]),
  );
});

test('[HA14] a client that is simply gone was not closed by the hub', () => {
  const { hub, client } = fakeHub();
  client().connection.closed();
  const text = renderSamples(hubFigures(hub.stats(), ''));
  expect(text).toContain('telex_hub_clients_gone_total 1');
  expect(text).not.toContain('1006');
});
