import {
  channelKeyLines,
  generalKeyLines,
  type KeyLine,
  offKeyLines,
} from './config/describe-keys.ts';

export function helpText(): string {
  return `telex-hub: a push server with Centrifugo's protocol, configuration and HTTP API

Usage: telex-hub --config FILE [--check]

  -c, --config FILE   Configuration as of Centrifugo v6, JSON.
  --check             Only say whether the configuration can be run, and what is wrong with it.
  -h, --help          Show this.
  --version           Show the version.

SIGTERM and SIGINT end it, SIGHUP takes over token keys and certificate. It logs JSON lines to
stderr. Exit codes: 0 ended by a signal, 1 it could not run, 2 the configuration is wrong.

Each key can be given by an environment variable too, which wins over the file:
CENTRIFUGO_HTTP_SERVER_PORT for http_server.port.

Keys of the configuration, with their defaults:

${generalKeyLines().map(entry).join('\n')}

In channel.without_namespace, and beside name in each of channel.namespaces:

${channelKeyLines().map(entry).join('\n')}

Accepted with this value only:

${offKeyLines().map(entry).join('\n')}
`;
}

function entry({ path, fallback, help }: KeyLine): string {
  return `  ${path} = ${fallback}\n      ${help}`;
}
