import type { Config } from './config.ts';

/** What SIGHUP takes over (docs/hub.md). */
const RELOADED =
  /^(?:client\.(?:subscription_)?token\.|client\.insecure_skip_token_signature_verify$|http_server\.tls\.(?:cert|key)_pem$)/;

/** Paths of keys in which two configurations differ and that only a start takes over. */
export function needsRestart(before: Config, after: Config): string[] {
  const next = new Map<string, unknown>(Object.entries(after.keys));
  const general = Object.entries(before.keys).flatMap(([path, value]) =>
    RELOADED.test(path) || isSame(value, next.get(path)) ? [] : [path],
  );
  return [
    ...general,
    ...(isSame(before.withoutNamespace, after.withoutNamespace)
      ? []
      : ['channel.without_namespace']),
    ...(isSame(before.namespaces, after.namespaces) ? [] : ['channel.namespaces']),
  ];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
