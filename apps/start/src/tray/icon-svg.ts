import { GRID, iconShapes, type PathStep } from './icon-shapes.ts';
import type { TrayState } from './tray-state.ts';

/** The icon as an SVG file, for desktop entries and documents. */
export function iconSvg(state: TrayState): string {
  const paths = iconShapes(state).map(
    ({ fill, path }) =>
      `  <path fill="#${fill.toString(16).padStart(6, '0')}" d="${words(path)}"/>\n`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${GRID} ${GRID}">\n${paths.join('')}</svg>\n`;
}

function words(path: readonly PathStep[]): string {
  const steps = path.map((step, index) => {
    const numbers = step.map((value) => Number(value.toFixed(2))).join(' ');
    return `${index === 0 ? 'M' : step.length === 2 ? 'L' : 'C'}${numbers}`;
  });
  return `${steps.join('')}Z`;
}
