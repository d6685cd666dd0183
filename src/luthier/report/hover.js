"use strict";
// Shows the values of a chart's lines where the pointer is, or of its nearest point. The charts are drawn without it.
const SVG = "http://www.w3.org/2000/svg";

function nearest(line, away) {
  let found = { line, i: 0, far: Infinity };
  for (let i = 0; i < line.points.numberOfItems; i++) {
    const far = away(line.points.getItem(i));
    if (far < found.far) found = { line, i, far };
  }
  return found;
}

function told(figure, at) {
  const alone = figure.classList.contains("nearest");
  const away = (point) => Math.hypot(point.x - at.x, alone ? point.y - at.y : 0);
  const all = [...figure.querySelectorAll("polyline[data-labels]")].map((line) => nearest(line, away));
  return alone ? all.sort((a, b) => a.far - b.far).slice(0, 1) : all;
}

function mark(group, point, colour) {
  const circle = document.createElementNS(SVG, "circle");
  circle.setAttribute("cx", point.x);
  circle.setAttribute("cy", point.y);
  circle.setAttribute("r", 4);
  circle.setAttribute("class", colour);
  group.append(circle);
}

function show(figure, at) {
  const marks = figure.querySelector(".marks"), tip = figure.querySelector(".tip");
  marks.replaceChildren();
  tip.replaceChildren();
  for (const { line, i } of told(figure, at)) {
    const row = document.createElement("div");
    mark(marks, line.points.getItem(i), line.dataset.colour);
    row.textContent = line.dataset.name + ": " + JSON.parse(line.dataset.labels)[i];
    row.className = line.dataset.colour;
    tip.append(row);
  }
  tip.hidden = false;
}

for (const figure of document.querySelectorAll("figure.chart")) {
  const svg = figure.querySelector("svg"), tip = figure.querySelector(".tip");
  svg.addEventListener("pointermove", (event) => {
    show(figure, new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()));
    const box = figure.getBoundingClientRect(), left = event.clientX - box.left + 14;
    tip.style.left = Math.max(0, Math.min(left, box.width - tip.offsetWidth)) + "px";
    tip.style.top = event.clientY - box.top + 18 + "px";
  });
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
    figure.querySelector(".marks").replaceChildren();
  });
}
