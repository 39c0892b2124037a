const sentences: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate is for another name than HOST. Check the server address; if it is right, somebody may be in between.',
  CERT_HAS_EXPIRED:
    'The certificate of the server has expired. Tell its administrator; check the date of this machine too.',
  CERT_NOT_YET_VALID:
    'The certificate of the server is not valid yet. Check the date of this machine.',
  ECONNRESET: 'HOST ended the connection while TLS was set up. Is this the port for https?',
  EPROTO: 'HOST does not speak TLS on this port. Check the port of the server address.',
};
const unknownAuthority = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];

/** What went wrong in setting up TLS and what to do, by the code of Node's error. */
export function tlsFault(code: string | undefined, host: string, hasCa: boolean): string {
  if (code !== undefined && unknownAuthority.includes(code)) {
    return hasCa
      ? `The certificate of ${host} is not from the authority that --ca, TELEX_CA or the configuration names. Get its certificate from the administrator.`
      : `The certificate of ${host} is from an authority that this machine does not trust. If it is your organisation's own, give its certificate with --ca.`;
  }
  const known =
    code === undefined ? undefined : sentences[code.startsWith('ERR_SSL') ? 'EPROTO' : code];
  return (known ?? `TLS could not be set up with HOST (${code ?? 'unknown fault'}).`).replace(
    'HOST',
    host,
  );
}
