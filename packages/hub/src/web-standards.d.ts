/** The web-standard names that pure code here uses; there is no DOM or Node library. */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
