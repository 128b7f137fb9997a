// SPDX-License-Identifier: MIT
#include "agent/report/report_style.h"

namespace longplay {

// The eight series colours stay apart (CIE Lab distance of 10 or more, Machado's model) for
// readers with protanopia, deuteranopia and tritanopia, and reach a contrast of 3 on their
// background; the marks' shapes and the lines' dashes tell them apart besides, also in grey print.
const char* ReportStyle() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b2027; --muted: #5a6370; --faint: #8a929d;
  --rule: #dfe3e8; --grid: #e6e9ed; --axis: #8d95a0; --code: #eef1f4; --link: #0a5fb4;
  --running: #b45f00; --complete: #0b7a55;
  --series-0: #0a5fb4; --series-1: #e8710a; --series-2: #0b7a55; --series-3: #b867dc;
  --series-4: #7d5410; --series-5: #2f9fcd; --series-6: #8c1150; --series-7: #8a9099;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0e1114; --card: #14171c; --text: #e4e8ed; --muted: #a3acb8; --faint: #79838f;
    --rule: #2a3038; --grid: #242a31; --axis: #6b7580; --code: #1d2229; --link: #7db8f5;
    --running: #f0a860; --complete: #4fe0b8;
    --series-0: #4b86c9; --series-1: #f0682b; --series-2: #4fe0b8; --series-3: #c060f0;
    --series-4: #dcb02a; --series-5: #5fb6b6; --series-6: #d0507a; --series-7: #c8d4ee;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 40px 24px 64px; max-width: 1216px; background: var(--page);
  color: var(--text); overflow-wrap: anywhere;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 30px; margin: 0 0 10px; letter-spacing: -0.01em; }
h2 { font-size: 22px; margin: 44px 0 8px; }
h3 { font-size: 16px; margin: 0 0 8px; }
p { max-width: 74ch; margin: 0 0 12px; white-space: pre-line; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.status { display: flex; flex-wrap: wrap; gap: 0 8px; align-items: center; color: var(--complete);
          font-size: 14px; font-weight: 600; margin: 0 0 16px; }
.status::before { content: ""; width: 9px; height: 9px; border-radius: 50%;
                  background: currentColor; }
.status.running { color: var(--running); }
.status .hint { color: var(--muted); font-weight: 400; }
@media (prefers-reduced-motion: no-preference) {
  .status.running::before { animation: pulse 1.6s ease-in-out infinite; }
  @keyframes pulse { 50% { opacity: 0.25; } }
}
.summary { font-size: 16px; line-height: 1.5; color: var(--muted); }
.answer { font-size: 21px; line-height: 1.45; color: var(--text); max-width: 62ch;
          border-left: 4px solid var(--link); padding: 2px 0 2px 16px; margin: 0 0 14px; }
nav ol { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 16px 0 0; padding: 0;
         list-style: none; font-size: 14px; }
.charts { display: grid; gap: 20px; margin: 20px 0; align-items: start;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
.charts > * { max-width: 680px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
         padding: 18px 20px 16px; min-width: 0; }
figure.table { margin: 20px 0; }
figure.table, figure.video { width: fit-content; max-width: 100%; }
figure.chart { container-type: inline-size; }
figcaption { color: var(--muted); font-size: 13.5px; line-height: 1.5; margin-top: 10px;
             max-width: 84ch; white-space: pre-line; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; }
.wide, .narrow { position: relative; }
.narrow { display: none; }
.guide { display: none; stroke: var(--axis); stroke-width: 1; pointer-events: none; }
.tip { display: none; position: absolute; top: 26px; width: max-content; z-index: 1;
       background: var(--card); border: 1px solid var(--axis); border-radius: 6px;
       padding: 6px 9px; font-size: 12.5px; line-height: 1.4; pointer-events: none;
       box-shadow: 0 2px 8px rgb(0 0 0 / 0.18); }
.asked .tip, .asked .guide { display: block; }
.tip .place { color: var(--muted); }
.tip .row { display: flex; flex-wrap: wrap; gap: 0 7px; align-items: baseline; }
.tip .key { flex: none; width: 9px; height: 9px; border-radius: 2px; background: var(--colour); }
.tip b { margin-left: auto; font-weight: 600; font-variant-numeric: tabular-nums; }
@container (max-width: 450px) {
  .wide { display: none; }
  div.narrow { display: block; }
  li.narrow { display: flex; }
  /* Below the drawing, where no finger hides it. */
  .narrow .tip { top: 100%; left: 0 !important; right: 0 !important; width: auto;
                 max-width: none !important; }
}
.legend { display: flex; flex-wrap: wrap; gap: 3px 18px; margin: 0 0 10px; padding: 0;
          list-style: none; font-size: 13.5px; line-height: 1.4; }
.legend li { gap: 7px; align-items: center; }
.legend li:not(.narrow) { display: flex; }
.legend li.letter { color: var(--muted); }
.legend li.letter b { color: var(--text); font-style: italic; }
.chart svg.sample { flex: none; width: auto; height: 14px; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif;
           fill: var(--muted); font-variant-numeric: tabular-nums; }
svg .axis-label, svg .category, svg .value { fill: var(--text); }
svg .level-name { font-size: 11px; fill: var(--text); }
svg .empty { fill: var(--faint); }
.grid { stroke: var(--grid); }
.axis { stroke: var(--axis); }
.level { stroke: var(--colour, var(--muted)); stroke-width: 1.3; }
.level-0 { stroke-dasharray: 7 4; }
.level-1 { stroke-dasharray: 2 3; }
.level-2 { stroke-dasharray: 9 3 2 3; }
.level-3 { stroke-dasharray: 14 4; }
.leader { stroke: var(--faint); stroke-width: 0.8; }
.series-0 { --colour: var(--series-0); } .series-1 { --colour: var(--series-1); }
.series-2 { --colour: var(--series-2); } .series-3 { --colour: var(--series-3); }
.series-4 { --colour: var(--series-4); } .series-5 { --colour: var(--series-5); }
.series-6 { --colour: var(--series-6); } .series-7 { --colour: var(--series-7); }
.series-grey { --colour: var(--muted); }
.line { fill: none; stroke: var(--colour); stroke-width: 2; stroke-linejoin: round;
        stroke-linecap: round; }
.run { fill: none; stroke: var(--colour); stroke-width: 1; stroke-opacity: 0.45; }
.series-1 .line { stroke-dasharray: 10 5; }
.series-2 .line { stroke-dasharray: 3 4; }
.series-3 .line { stroke-dasharray: 12 5 2 5; }
.series-4 .line { stroke-dasharray: 18 5; }
.series-5 .line { stroke-dasharray: 7 4 2 4 2 4; }
.series-6 .line { stroke-dasharray: 6 4; }
.series-7 .line { stroke-dasharray: 14 4 6 4; }
.dashed .line { stroke-dasharray: 6 5; }
.dotted .line { stroke-dasharray: 1 5; }
.band { fill: var(--colour); fill-opacity: 0.15; }
.mark { fill: var(--colour); stroke: var(--card); stroke-width: 1.2; }
.dot { fill: var(--colour); fill-opacity: 0.55; }
.bar ~ .dot { fill: var(--text); fill-opacity: 0.8; }
.beyond .line { stroke-width: 1.4; stroke-dasharray: 1 4; }
.beyond .band { fill-opacity: 0.07; }
.beyond .mark { fill: var(--card); stroke: var(--colour); stroke-width: 1.4; }
.bar { fill: var(--colour); fill-opacity: 0.85; }
.dashed .bar { fill-opacity: 0.3; stroke: var(--colour); stroke-dasharray: 4 3; }
.dotted .bar { fill-opacity: 0.45; }
.whisker { stroke: var(--colour); stroke-width: 1.5; }
.bar ~ .whisker { stroke: var(--text); }
/* A shadow at the right edge, until the end of the table is in sight. */
.scroll { overflow-x: auto; background:
          linear-gradient(to left, var(--card) 45%, transparent) right / 40px 100% no-repeat local,
          linear-gradient(to left, var(--rule), transparent) right / 10px 100% no-repeat scroll; }
table { border-collapse: separate; border-spacing: 0; font-size: 14px; line-height: 1.4;
        overflow-wrap: normal; }
th, td { padding: 6px 14px 6px 0; text-align: left; vertical-align: baseline;
         border-bottom: 1px solid var(--rule); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: 13px; vertical-align: bottom;
           border-bottom: 1.5px solid var(--axis); }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; padding-left: 10px; font-variant-numeric: tabular-nums; }
td { max-width: 60ch; }
td.number { white-space: nowrap; }
th[scope="row"] { min-width: 9em; max-width: 24em; position: sticky; left: 0;
                  background: var(--card); overflow-wrap: anywhere; }
.more { display: flex; flex-wrap: wrap; gap: 0 20px; align-items: baseline; margin-top: 8px;
        font-size: 13.5px; }
.more a { padding: 4px 0; }
details { max-width: 100%; }
details[open] { width: 100%; }
summary { color: var(--muted); cursor: pointer; padding: 4px 0; width: fit-content; }
.videos { display: flex; flex-wrap: wrap; gap: 20px; margin: 20px 0; align-items: flex-start; }
.videos figure { max-width: min(100%, 364px); }
video { display: block; max-width: 100%; height: auto; max-height: 70vh; border-radius: 6px; }
.command { background: var(--code); border-radius: 8px; padding: 12px 14px; margin: 0;
           white-space: pre-wrap; overflow-wrap: anywhere;
           font: 13.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (max-width: 600px) {
  body { padding: 24px 12px 40px; }
  h1 { font-size: 25px; }
  h2 { font-size: 20px; margin-top: 34px; }
  .answer { font-size: 18px; padding-left: 12px; }
  figure { padding: 14px 12px 12px; }
  th[scope="row"] { min-width: 8em; max-width: 10em; }
}
@media print {
  :root { color-scheme: light; }
  .scroll { overflow: visible; background: none; }
  table { font-size: 11px; }
  thead th { font-size: 10.5px; }
  th, td { padding: 4px 8px 4px 0; }
  td, td.number { white-space: normal; }
  .number { padding-left: 4px; }
  th[scope="row"] { position: static; }
  body { max-width: none; padding: 0; background: none; }
  figure, tr { break-inside: avoid; }
  details, .hint, .more, .tip, .guide, .videos, nav { display: none; }
  .charts { grid-template-columns: 1fr 1fr; gap: 12px; }
  .band { fill-opacity: 0.12; }
  a { color: inherit; }
}
)css";
}

}  // namespace longplay
