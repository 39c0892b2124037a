import { type Pagination, TelexError } from '@telex/contract';

const DEFAULT_LIMIT = 20;
/** Totals are counted this far: a page must not cost a walk through everything. */
export const MAX_COUNTED = 10_000;

/** What a page query says, in either of its documented spellings (telex-api.md §1.2). */
export interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
  readonly page_size?: number | undefined;
  readonly page?: number | undefined;
}

/** A page by keyset: items older than `before`; `offset` only for those who count pages. */
export interface Page {
  readonly limit: number;
  readonly number: number;
  /** Seq that the page's items are below. */
  readonly before: number;
  readonly offset: number;
}

/** @throws TelexError `validation_failed` */
export function readPage(query: PageQuery): Page {
  const limit = query.limit ?? query.page_size ?? DEFAULT_LIMIT;
  const number = query.page ?? 1;
  if (query.cursor !== undefined) {
    return { limit, number, before: readCursor(query.cursor), offset: 0 };
  }
  const offset = (number - 1) * limit;
  if (offset > MAX_COUNTED) {
    const fault = `page: pages end at item ${MAX_COUNTED}; go on with the cursor (next_cursor)`;
    throw new TelexError('validation_failed', undefined, { errors: [fault] });
  }
  return { limit, number, before: Number.MAX_SAFE_INTEGER, offset };
}

function readCursor(cursor: string): number {
  const digits = /^b(\d{1,15})$/.exec(cursor)?.[1];
  if (digits !== undefined) return Number(digits);
  throw new TelexError('validation_failed', undefined, {
    errors: ['cursor: is not the next_cursor of an earlier page'],
  });
}

/**
 * Cuts what was read (one item more than the page holds) to the page and describes it.
 * @param about.keyOf seq that the items are ordered by; without it there are pages but no cursor.
 */
export function paged<Item>(
  page: Page,
  read: readonly Item[],
  about: { readonly total: number; readonly keyOf?: (item: Item) => number },
): { readonly items: Item[]; readonly pagination: Pagination } {
  const items = read.slice(0, page.limit);
  const last = items.at(-1);
  const { keyOf } = about;
  const isLast = read.length <= page.limit || last === undefined || keyOf === undefined;
  const nextCursor = isLast ? {} : { next_cursor: `b${keyOf(last)}` };
  const pages = Math.max(1, Math.ceil(about.total / page.limit));
  return {
    items,
    pagination: {
      current_page: page.number,
      page_size: page.limit,
      total_items: about.total,
      total_pages: pages,
      page_count: items.length,
      total_pages_count: pages,
      ...nextCursor,
    },
  };
}
