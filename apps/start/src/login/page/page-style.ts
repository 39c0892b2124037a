/**
 * The page's looks: calm, small, dark and light as the system says. Lengths in rem, so that text can be enlarged to 200 %;
 * logical properties, so that it also reads from right to left. Contrast: text 7 : 1, borders of fields 3 : 1.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #1c2029; --quiet: #565e6c; --line: #7f8796; --field: #ffffff; --soft: #eef0f4; --edge: #d9dde4;
  --accent: #235fd4; --accent-over: #1a4cb0; --on-accent: #ffffff;
  --bad: #a3161a; --bad-ground: #fdf0ef; --bad-line: #e6b3b0; --note: #7a4a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #17191e; --text: #eceef2; --quiet: #aab1bf; --line: #757e8e; --field: #1f2228; --soft: #2a2e36; --edge: #3a3f49;
    --accent: #9dbbff; --accent-over: #b9ceff; --on-accent: #11151f;
    --bad: #ffb4ad; --bad-ground: #3a1c1c; --bad-line: #7a3a38; --note: #f0c27b;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { font: 100%/1.45 system-ui, "Segoe UI", Cantarell, "Noto Sans", "DejaVu Sans", sans-serif; }
body { margin: 0; background: var(--ground); color: var(--text); font-size: 0.875rem; overflow-wrap: anywhere; }
#content { max-inline-size: 26rem; margin-inline: auto; padding: 1.125rem min(1.375rem, 6vi) 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; margin-block-end: 0.875rem; }
header svg { inline-size: 2.25rem; block-size: 2.25rem; flex: none; }
h1, h2 { margin: 0; font-size: 1.125rem; line-height: 1.3; font-weight: 600; }
header p { margin: 0; color: var(--quiet); font-size: 0.8125rem; }
#reason { margin: 0 0 0.875rem; color: var(--quiet); }
#problem[data-shown="true"] {
  margin-block-end: 0.875rem; padding: 0.5rem 0.75rem; border-radius: 0.5rem;
  color: var(--bad); background: var(--bad-ground); border: 1px solid var(--bad-line);
}
#problem-title { display: block; font-weight: 600; }
#wait { margin: 0.125rem 0 0; font-weight: 600; font-variant-numeric: tabular-nums; }
.field { margin-block-end: 0.75rem; }
label { display: block; margin-block-end: 0.25rem; font-weight: 500; }
input, button { font: inherit; color: inherit; border-radius: 0.5rem; min-block-size: 2.375rem; }
input {
  inline-size: 100%; min-inline-size: 0; padding: 0.375rem 0.75rem;
  background: var(--field); border: 1px solid var(--line);
}
input[aria-invalid="true"] { border-color: var(--bad); }
input:read-only { color: var(--quiet); background: var(--soft); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
#end-title:focus-visible { outline: none; }
.secret { position: relative; }
.secret input { padding-inline-end: 2.75rem; }
#show {
  position: absolute; inset-block: 0; inset-inline-end: 0; inline-size: 2.5rem; padding: 0;
  display: grid; place-items: center; background: none; border: 0; color: var(--quiet); cursor: pointer;
}
#show:hover { color: var(--text); }
#show svg { inline-size: 1.25rem; block-size: 1.25rem; fill: none; stroke: currentColor; stroke-width: 1.6; }
#show[aria-pressed="false"] .bar { display: none; }
.hint { margin: 0.25rem 0 0; color: var(--quiet); font-size: 0.8125rem; }
#caps { color: var(--note); font-weight: 500; }
details { margin-block-end: 0.875rem; }
summary { inline-size: fit-content; padding-block: 0.125rem; border-radius: 0.25rem; color: var(--quiet); cursor: pointer; }
summary:hover { color: var(--text); }
details[open] summary { margin-block-end: 0.5rem; }
.actions { display: flex; flex-wrap: wrap; gap: 0.625rem; }
.actions button { flex: 1 1 6rem; padding: 0.375rem 1rem; border: 1px solid transparent; font-weight: 600; cursor: pointer; }
#cancel { background: var(--soft); }
#cancel:hover { border-color: var(--line); }
#submit, #done { background: var(--accent); color: var(--on-accent); flex-grow: 2; }
#submit:hover, #done:hover { background: var(--accent-over); }
#submit[aria-disabled="true"] { background: var(--soft); color: var(--quiet); cursor: default; }
#submit::before {
  content: ""; display: none; inline-size: 0.875rem; block-size: 0.875rem; margin-inline-end: 0.5rem; vertical-align: -0.0625rem;
  border: 2px solid currentColor; border-block-start-color: transparent; border-radius: 50%; animation: turn 0.9s linear infinite;
}
[aria-busy="true"] #submit::before { display: inline-block; }
@keyframes turn { to { transform: rotate(1turn); } }
#note { margin: 0.625rem 0 0; color: var(--quiet); }
.unseen, [aria-busy="true"] #note {
  position: absolute; inline-size: 1px; block-size: 1px; margin: 0; overflow: hidden; clip-path: inset(50%);
}
#end p { margin: 0.375rem 0 1.125rem; }
@media (min-width: 34rem) and (min-height: 34rem) {
  body { min-block-size: 100vh; display: grid; place-items: center; background: var(--soft); }
  #content {
    inline-size: 24rem; margin-block: 2rem; padding: 1.75rem; border-radius: 1rem;
    background: var(--ground); border: 1px solid var(--edge);
  }
}
@media (prefers-reduced-motion: reduce) { #submit::before { animation: none; border-style: dotted; } }
@media (forced-colors: active) {
  .actions button { border-color: ButtonText; }
  #submit[aria-disabled="true"] { color: GrayText; border-color: GrayText; }
  input[aria-invalid="true"] { outline: 2px dashed Mark; }
}
`;
