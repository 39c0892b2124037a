import { type Examination, ok, warning } from './report.ts';

/** @param names of the proxy variables that are set; their values may hold passwords and are not looked at. */
export function examineProxy(names: readonly string[]): Examination {
  return async (tell) => {
    const finding =
      names.length === 0
        ? ok('No proxy is set; Telex Start connects directly.')
        : warning(
            `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} set, but Telex Start connects directly. Where only a proxy leads out, it cannot connect.`,
          );
    tell({ check: 'proxy', ...finding, ms: 0 });
  };
}
