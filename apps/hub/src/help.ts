export function helpText(): string {
  return `telex-hub: a push server with Centrifugo's protocol, configuration and HTTP API

Usage: telex-hub --config FILE [--check]

  --config FILE   Centrifugo v6 configuration, JSON
  --check         only say whether it can be run
  --help
  --version
`;
}
