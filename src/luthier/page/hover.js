"use strict";
// Shows the values of a chart's lines where the pointer is. The charts are drawn without it.
const SVG = "http://www.w3.org/2000/svg";

function nearest(line, x) {
  const points = line.points;
  let best = 0;
  for (let i = 1; i < points.numberOfItems; i++) {
    if (Math.abs(points.getItem(i).x - x) < Math.abs(points.getItem(best).x - x)) best = i;
  }
  return best;
}

function mark(group, point, colour) {
  const circle = document.createElementNS(SVG, "circle");
  circle.setAttribute("cx", point.x);
  circle.setAttribute("cy", point.y);
  circle.setAttribute("r", 4);
  circle.setAttribute("class", colour);
  group.append(circle);
}

function show(figure, x) {
  const marks = figure.querySelector(".marks"), tip = figure.querySelector(".tip");
  marks.replaceChildren();
  tip.replaceChildren();
  for (const line of figure.querySelectorAll("polyline[data-labels]")) {
    const i = nearest(line, x), row = document.createElement("div");
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
    show(figure, new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x);
    const box = figure.getBoundingClientRect(), left = event.clientX - box.left + 14;
    tip.style.left = Math.max(0, Math.min(left, box.width - tip.offsetWidth)) + "px";
    tip.style.top = event.clientY - box.top + 18 + "px";
  });
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
    figure.querySelector(".marks").replaceChildren();
  });
}
