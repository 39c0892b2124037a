import { arch, release } from 'node:os';
import { findBrowser } from '../login/find-browser.ts';
import { type Examination, ok, warning } from './report.ts';

/** Versions, for whoever is asked for help. */
export function examineProgram(version: string): Examination {
  return async (tell) => {
    const sentence = `telex-start ${version}, Node ${process.versions.node}, ${process.platform} ${release()} on ${arch()}.`;
    tell({ check: 'versions', ...ok(sentence), ms: 0 });
  };
}

/** The browser that the login dialog opens in. */
export function examineBrowser(search: Parameters<typeof findBrowser>[0]): Examination {
  return async (tell) => {
    const browser = findBrowser(search);
    const finding =
      browser === undefined
        ? warning(
            'No Chromium, Chrome, Edge or Brave was found: the login opens in your default browser. Or sign in with: telex-start login',
          )
        : ok(`The login opens in ${browser.program}.`);
    tell({ check: 'browser', ...finding, ms: 0 });
  };
}
