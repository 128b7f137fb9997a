// SPDX-License-Identifier: MIT
#include "agent/report/report_script.h"

namespace longplay {

const char* ReportScript() {
  return R"js(
'use strict';
(() => {
  /* The point of a line that is nearest to `x`, in pixels of the picture. */
  const nearest = (points, x) => points.reduce(
      (best, point) => Math.abs(point.at - x) < Math.abs(best.at - x) ? point : best);

  /* An element with a class and a text. */
  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    element.className = name;
    if (text) element.textContent = text;
    return element;
  };

  /* One drawing of a chart: a guide and a box of values that follow the pointer. */
  function follow(drawing, chart, plot) {
    const svg = drawing.querySelector('svg');
    const [picture, left, top, width, height, low, high] = plot;
    const scale = chart.log ? Math.log : x => x;
    const lines = chart.series.map(series => ({
      ...series,
      points: series.points.map(([x, label, value]) => ({
        at: left + width * (scale(x) - scale(low)) / (scale(high) - scale(low)), label, value}))}));
    const places = [...new Set(lines.flatMap(line => line.points.map(point => point.at)))]
        .sort((a, b) => a - b);
    const tip = make('div', 'tip');
    tip.setAttribute('role', 'status');
    drawing.append(tip);
    const guide = document.createElementNS(svg.namespaceURI, 'line');
    for (const [name, value] of Object.entries({class: 'guide', y1: top, y2: top + height})) {
      guide.setAttribute(name, value);
    }
    svg.append(guide);
    let place = places.length - 1;

    function show() {
      const at = places[place];
      guide.setAttribute('x1', at);
      guide.setAttribute('x2', at);
      const rows = [];
      let label = '';
      for (const line of lines) {
        const point = nearest(line.points, at);
        if (Math.abs(point.at - at) > width / 50) continue;
        if (point.at === at || !label) label = point.label;
        const row = make('div', 'row ' + line.colour);
        row.append(make('i', 'key'), make('span', '', line.name), make('b', '', point.value));
        rows.push(row);
      }
      tip.replaceChildren(make('div', 'place', chart.x + ' ' + label), ...rows);
      drawing.classList.add('asked');
      /* On the side of the guide that has more room. */
      const x = at * drawing.clientWidth / picture, right = at > picture / 2;
      tip.style.left = right ? 'auto' : x + 10 + 'px';
      tip.style.right = right ? drawing.clientWidth - x + 10 + 'px' : 'auto';
      tip.style.maxWidth = (right ? x : drawing.clientWidth - x) - 10 + 'px';
    }
    const hide = () => drawing.classList.remove('asked');
    function point(event) {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * picture / box.width;
      place = places.reduce(
          (best, at, i) => Math.abs(at - x) < Math.abs(places[best] - x) ? i : best, 0);
      show();
    }
    svg.addEventListener('pointermove', point);
    svg.addEventListener('pointerdown', point);
    svg.addEventListener('pointerleave', hide);
    svg.setAttribute('tabindex', '0');
    svg.addEventListener('focus', () => { if (svg.matches(':focus-visible')) show(); });
    svg.addEventListener('blur', hide);
    svg.addEventListener('keydown', event => {
      if (event.key === 'Escape') return hide();
      const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (!step) return;
      event.preventDefault();
      place = Math.min(Math.max(place + step, 0), places.length - 1);
      show();
    });
    /* The browser's own tips would lie over this one; readers of screens keep the name. */
    svg.setAttribute('aria-label', [...svg.querySelectorAll(':scope > title, :scope > desc')]
        .map(part => part.textContent).join('. '));
    svg.removeAttribute('aria-labelledby');
    svg.querySelectorAll('title').forEach(title => title.remove());
  }

  for (const figure of document.querySelectorAll('figure.chart')) {
    const values = figure.querySelector('script');
    if (!values) continue;
    const chart = JSON.parse(values.textContent);
    ['wide', 'narrow'].forEach(
        (paper, i) => follow(figure.querySelector('div.' + paper), chart, chart.plots[i]));
  }
})();
)js";
}

}  // namespace longplay
