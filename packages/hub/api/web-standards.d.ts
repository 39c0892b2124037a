/** The web-standard names that the API uses besides those of the hub. */
declare class TextDecoder {
  constructor(encoding: 'utf-8', options: { readonly fatal: boolean });
  decode(bytes: Uint8Array): string;
}
declare function atob(text: string): string;
