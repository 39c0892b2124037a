export { authorityExtensions, serverExtensions, signCertificate } from './certificate.ts';
export { type Issued, issueCertificate, type Validity } from './issue.ts';
