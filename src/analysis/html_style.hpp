// How HTML reports look: one style sheet for screens of any width, light and dark, and for paper.
#pragma once

namespace aisp::analysis {

inline constexpr const char* kHtmlStyle = R"(:root {
  --page: #ffffff; --text: #1c2024; --quiet: #5b6570; --line: #d5dae0; --panel: #f4f6f8;
  --fast: #18794e; --slow: #c62a2f; --same: #4f5d6b; --unresolved: #946800; --mark: #2563b0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --text: #e4e7ea; --quiet: #9aa5b1; --line: #333a42; --panel: #1c2126;
    --fast: #4cc38a; --slow: #ff8589; --same: #a3b0bd; --unresolved: #f0c000; --mark: #6eb0ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
h1, h2, h3, p, li, td, th, figcaption, .name { unicode-bidi: isolate; }
p, ul { margin: .5rem 0; overflow-wrap: anywhere; }
ul { padding-left: 1.25rem; }
.scroll { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
td { max-width: 26rem; }
td:last-child, th:last-child { padding-right: 0; }
th.group { color: inherit; padding-top: .8rem; white-space: normal; overflow-wrap: anywhere; }
.results td:first-child { padding-left: .75rem; }
.r { text-align: right; white-space: nowrap; }
.facts td:first-child { color: var(--quiet); white-space: nowrap; }
.facts td + td { max-width: 48rem; overflow-wrap: anywhere; }
nav { font-size: .875rem; line-height: 1.8; margin: .75rem 0; }
nav a { margin-right: .9rem; white-space: nowrap; }
a { color: var(--mark); }
.word { font-weight: 600; }
.FAST { color: var(--fast); } .SLOW, .bad { color: var(--slow); } .SAME, .baseline { color: var(--same); }
.UNRESOLVED { color: var(--unresolved); }
.baseline { font-weight: 400; }
figure { margin: 1rem 0 1.5rem; padding: .75rem 1rem 1rem; background: var(--panel); border-radius: .5rem; }
figcaption { font-size: .875rem; color: var(--quiet); margin-bottom: .5rem; }
figure svg { display: block; overflow: visible; }
.row { display: grid; grid-template-columns: minmax(6rem, 12rem) 1fr 11.5rem; column-gap: 1rem; align-items: center;
  font-size: .875rem; font-variant-numeric: tabular-nums; padding: .15rem 0; break-inside: avoid; }
.row > svg, .row > .axis { grid-area: 1 / 2; }
.name { overflow-wrap: anywhere; grid-area: 1 / 1; }
.figures { grid-area: 1 / 3; white-space: nowrap; }
.figures small { color: var(--quiet); font-size: .8125rem; }
.group { font-weight: 600; font-size: .875rem; margin: .6rem 0 .1rem; overflow-wrap: anywhere; }
.bars svg { width: 100%; height: 1rem; }
.samples svg { width: 100%; height: 2.25rem; }
.axis { position: relative; height: 1.25rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .75rem; }
.axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; padding-top: .15rem; }
.axis span.first { transform: none; } .axis span.last { transform: translateX(-100%); }
.roofline { max-width: 36rem; }
.roofline svg { width: 100%; max-width: 32rem; height: auto; font-size: 11px; }
svg .frame { fill: none; stroke: var(--line); }
svg .grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
svg .one { stroke: var(--text); opacity: .7; stroke-width: 1; stroke-dasharray: 3 2; vector-effect: non-scaling-stroke; }
svg .whisker { stroke: var(--text); stroke-width: 1.5; fill: none; vector-effect: non-scaling-stroke; }
svg .median { stroke: var(--text); stroke-width: 2; vector-effect: non-scaling-stroke; }
svg .interval { fill: var(--mark); opacity: .22; }
svg .density { fill: var(--mark); opacity: .75; }
svg .bar { opacity: .8; fill: currentColor; }
svg .roof { fill: none; stroke: var(--mark); stroke-width: 2; stroke-linejoin: round; }
svg .intensity { stroke: var(--quiet); stroke-dasharray: 3 3; }
svg .point { fill: currentColor; stroke: var(--panel); stroke-width: 1; }
svg .leader { stroke: var(--quiet); stroke-width: .5; }
svg text { fill: var(--text); } svg text.quiet { fill: var(--quiet); }
@media (max-width: 40rem) {
  h1 { font-size: 1.3rem; }
  main { padding: 1rem .75rem 3rem; }
  figure { padding: .75rem; margin-left: 0; margin-right: 0; }
  .row { grid-template-columns: 1fr auto; row-gap: .1rem; padding: .3rem 0; }
  .row > svg, .row > .axis { grid-area: 2 / 1 / 3 / 3; }
  .figures { grid-area: 1 / 2; }
  td { max-width: 16rem; }
  /* Intervals stand in the figure below, and what is not verified has no verdict. */
  .results tr > :is(:nth-child(4), :nth-child(7)) { display: none; }
  .results { width: 100%; font-size: .8125rem; } .results :is(th, td) { padding-right: .4rem; }
}
@media print {
  nav { display: none; }
  :root { --page: #fff; --text: #000; --quiet: #444; --line: #bbb; --panel: #fff; --fast: #18794e; --slow: #c62a2f;
    --same: #4f5d6b; --unresolved: #7a5600; --mark: #2563b0; }
  @page { margin: 14mm; }
  body { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  figure { break-inside: avoid; padding: 0; } .bars { break-inside: auto; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; } thead { display: table-header-group; } tr { break-inside: avoid; }
  svg, .word { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";

}  // namespace aisp::analysis
