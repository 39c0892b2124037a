export { CONTENT_TYPE, Histogram, renderSamples, type Sample } from './exposition.ts';
export { hubFigures } from './hub-figures.ts';
