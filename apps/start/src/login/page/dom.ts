/** What the page's script uses of a browser: the program's other code is checked without one. */

export interface PageElement {
  hidden: boolean;
  textContent: string | null;
  readonly offsetHeight: number;
  focus(): void;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  addEventListener(type: string, listen: (event: PageDomEvent) => void): void;
}

export interface PageInput extends PageElement {
  value: string;
  type: string;
  readOnly: boolean;
}

export interface PageFold extends PageElement {
  open: boolean;
}

export interface PageDomEvent {
  readonly key?: string;
  preventDefault(): void;
  getModifierState?(name: string): boolean;
}

export interface PageWindow {
  readonly document: {
    title: string;
    getElementById(id: string): PageElement | null;
    addEventListener(type: string, listen: (event: PageDomEvent) => void): void;
  };
  readonly screen: {
    readonly availLeft: number;
    readonly availTop: number;
    readonly availWidth: number;
    readonly availHeight: number;
  };
  readonly screenX: number;
  readonly screenY: number;
  readonly outerWidth: number;
  readonly outerHeight: number;
  readonly innerHeight: number;
  readonly performance: { now(): number };
  readonly AbortController: typeof AbortController;
  fetch(path: string, options: RequestInit): Promise<Response>;
  setTimeout(run: () => void, delayMs: number): unknown;
  moveTo(x: number, y: number): void;
  resizeTo(width: number, height: number): void;
  close(): void;
}
