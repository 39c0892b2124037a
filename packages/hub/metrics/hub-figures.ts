import type { HubStats } from '../src/index.ts';
import type { Sample } from './exposition.ts';

const PREFIX = 'centrifugo';
/** The peer was simply gone: no close of ours. */
const GONE = '1006';

/**
 * What a hub counts, as samples with Centrifugo's names wherever the same is counted, so that its
 * dashboards and alerts can be used; what is ours alone is `telex_hub_…`.
 *
 * @param version of the program
 */
export function hubFigures(stats: HubStats, version: string): Sample[] {
  const { publications, deliveries, recoveries } = stats;
  const { [GONE]: gone = 0, ...closes } = stats.closes;
  const publication = [{ value: publications, labels: { type: 'publication' } }];
  return [
    gauge('node_build', 'Version of the program.', [{ value: 1, labels: { version } }]),
    gauge('node_num_nodes', 'Processes that work together.', [{ value: 1 }]),
    gauge('node_num_clients', 'Connections that are signed in.', [{ value: stats.clients }]),
    gauge('node_num_users', 'Users connected; the anonymous ones are one.', [
      { value: stats.users },
    ]),
    gauge('node_num_subscriptions', 'Subscriptions.', [{ value: stats.subscriptions }]),
    gauge('node_num_channels', 'Channels that somebody is subscribed to.', [
      { value: stats.subscribedChannels },
    ]),
    counter('node_messages_sent_count', 'Publications taken.', publication),
    counter('node_messages_received_count', 'Publications handed to channels.', publication),
    counter('transport_messages_sent', 'Publications put in the queue of a client.', [
      { value: deliveries, labels: { transport: 'websocket', frame_type: 'push_publication' } },
    ]),
    counter('client_num_commands', 'Commands of clients.', by('method', stats.commands)),
    counter('client_num_reply_errors', 'Error replies to clients.', by('code', stats.errors)),
    counter(
      'client_num_server_disconnects',
      'Connections that the hub closed.',
      by('code', closes),
    ),
    counter(
      'client_num_server_unsubscribes',
      'Subscriptions that the hub ended.',
      by('code', stats.unsubscribes),
    ),
    counter('client_recover', 'Subscriptions that asked for what they had missed.', [
      { value: recoveries.recovered, labels: { recovered: 'yes' } },
      { value: recoveries.lost, labels: { recovered: 'no' } },
    ]),
    own('connections', 'gauge', 'Open connections, signed in or not.', stats.connections),
    own('channels', 'gauge', 'Channels in memory, those with a history too.', stats.channels),
    own('clients_gone_total', 'counter', 'Connections that ended without a close of ours.', gone),
    own(
      'history_characters',
      'gauge',
      'Characters of data in all histories.',
      stats.historyCharacters,
    ),
    own(
      'idempotency_results',
      'gauge',
      'Results remembered for idempotency keys.',
      stats.idempotencyResults,
    ),
  ];
}

function gauge(name: string, help: string, values: Sample['values']): Sample {
  return { name: `${PREFIX}_${name}`, help, type: 'gauge', values };
}

function counter(name: string, help: string, values: Sample['values']): Sample {
  return { name: `${PREFIX}_${name}`, help, type: 'counter', values };
}

function own(name: string, type: Sample['type'], help: string, value: number): Sample {
  return { name: `telex_hub_${name}`, help, type, values: [{ value }] };
}

function by(label: string, counts: Readonly<Record<string, number>>): Sample['values'] {
  return Object.entries(counts).map(([key, value]) => ({ value, labels: { [label]: key } }));
}
