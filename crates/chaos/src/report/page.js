"use strict";
// In a block, since a window has names of its own, such as `top` and `status`.
{
const data = JSON.parse(document.getElementById("data").textContent);
const { summary, nodes, calls, faults, status, phases } = data;
const byId = new Map(calls.map((call) => [call.id, call]));
const nodeName = new Map(nodes.map((node) => [node.id, node.name]));
const $ = (id) => document.getElementById(id);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const make = (tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};
const seconds = (us) => (us / 1e6).toFixed(us < 1e7 ? 2 : 1) + " s";
const millis = (us) => (us < 10000 ? (us / 1000).toFixed(1) : Math.round(us / 1000)) + " ms";

// ---- Header, figures, tables ----
const skippedAll = Object.keys(summary.skipped).length > 0 && Object.keys(summary.faults).length === 0;
$("name").textContent = summary.scenario + " ";
$("name").append(make("span", summary.good ? (skippedAll ? "skipped" : "all checks hold") : "checks do not hold",
  "badge" + (summary.good ? "" : " bad")));
$("title").textContent = summary.title;
$("proves").textContent = data.proves || "";
const figure = (value, label) => {
  const box = make("div", undefined, "figure");
  box.append(make("b", value), make("span", label));
  $("figures").append(box);
};
figure(Math.round(summary.rate) + " /s", "calls answered");
for (const [name, count] of Object.entries(summary.outcomes)) figure(count.toLocaleString("en"), name);
for (const [name, count] of Object.entries(summary.faults)) figure("× " + count, name);
figure(summary.write_gap_ms.toLocaleString("en") + " ms", "longest without a write");
if (summary.recovery_ms !== null) figure(summary.recovery_ms.toLocaleString("en") + " ms", "first write after it all");
if (summary.honoured_ms !== null) figure(summary.honoured_ms.toLocaleString("en") + " ms", "revoked right honoured");
figure(String(summary.seed), "seed");
for (const check of summary.checks) {
  const good = check.violations.length === 0;
  const row = $("checks").tBodies[0].insertRow();
  const verdict = !good ? "fail" : check.examined > 0 ? "ok" : "none";
  row.append(make("td", { none: "nothing to check" }[verdict] || verdict, verdict), make("td", check.check), make("td", check.holds),
    make("td", check.examined.toLocaleString("en"), "number"), make("td", String(check.violations.length), "number"));
}
for (const fault of faults) {
  const row = $("faults").tBodies[0].insertRow();
  const names = (fault.targets || []).map((id) => nodeName.get(id) || id).join(", ");
  const plain = (it) => (typeof it === "string" ? it : Object.entries(it).map(([name, value]) => `${name} ${value}`).join(", "));
  const seen = [...new Set(fault.evidence.map(plain))].join("; ");
  row.append(make("td", fault.op), make("td", seconds(fault.from), "number"),
    make("td", millis(fault.to - fault.from), "number"), make("td", names), make("td", seen));
}
for (const [name, why] of Object.entries(summary.skipped)) {
  const row = $("faults").tBodies[0].insertRow();
  row.append(make("td", name), make("td", "skipped", "number"), make("td"), make("td"), make("td", why));
}
$("again").textContent = summary.again;

// ---- What does not hold ----
const wrong = new Map();
const groups = new Map();
for (const check of summary.checks) {
  for (const text of check.violations) {
    const named = (text.match(/\b[cvr]\d[\w-]*/g) || []).map((id) => byId.get(id)).filter(Boolean);
    // Of two calls in the wrong order the one that began later, and was served the past, is the one to look at.
    const call = check.check.startsWith("C1 ") ? named[named.length - 1] : named[0];
    const key = call ? call.id : check.check + text;
    if (!groups.has(key)) groups.set(key, { call, found: [] });
    groups.get(key).found.push([check.check, text]);
    if (call && !wrong.has(call.id)) wrong.set(call.id, { call, check: check.check, text });
  }
}
const checksIn = (group) => new Set(group.found.map((it) => it[0])).size;
[...groups.values()].sort((a, b) => checksIn(b) - checksIn(a)).slice(0, 31).forEach(listed);
$("wrong").hidden = summary.good;

function subject(call) {
  return typeof call.args === "string" ? call.args : call.args && call.args.name;
}
// The write whose state the call was served, and the newest one that was acknowledged before it began.
function states(call) {
  const about = subject(call);
  let served, required;
  for (const write of calls) {
    if (write.mode !== "write" || write.kind !== "ok" || (about && subject(write) !== about)) continue;
    if (call.index !== null && write.index <= call.index && (!served || write.index > served.index)) served = write;
    if (write.to < call.from && (!required || write.index > required.index)) required = write;
  }
  return { served, required };
}
function listed({ call, found }, place) {
  if (place === 30) $("violations").append(make("li", "and more, counted in the table above", "quiet"));
  if (place >= 30) return;
  const item = make("li");
  const firsts = found.filter(([check], at) => found.findIndex((it) => it[0] === check) === at);
  for (const [check, text] of firsts) {
    const line = make("div");
    const more = found.filter((it) => it[0] === check).length - 1;
    line.append(make("b", check + " "), make("span", text, "what"), more ? ` and ${more} more of the kind` : "");
    item.append(line);
  }
  if (call) {
    const show = make("button", "show");
    show.onclick = () => zoomTo(call);
    const { served, required } = states(call);
    const list = make("dl");
    const row = (name, value) => list.append(make("dt", name), make("dd", value));
    row("asked", `${call.who} of ${nodeName.get(call.node)}: ${call.mode} ${call.op} ${call.args === null ? "" : JSON.stringify(call.args)}`);
    row("state served", `revision ${call.index}: ${JSON.stringify(call.out)}` + (served ? ` (by ${served.id})` : ""));
    if (required) row("at least due", `revision ${required.index}: ${required.op} ${JSON.stringify(required.args)} (${required.id})`);
    item.append(list, show);
  }
  $("violations").append(item);
}

// ---- Time axis, shared by both charts ----
const edge = (name) => (phases.find((phase) => phase[1] === name) || [])[0];
const first = edge("traffic") ?? (calls.length ? calls[0].from : 0);
const last = Math.max(edge("converged") ?? 0, ...faults.map((fault) => fault.to), first + 1e6);
const whole = { from: first - (last - first) * 0.01, to: last + (last - first) * 0.01 };
const view = { ...whole };
const LEFT = 92, RIGHT = 14;
const clients = [...new Set(calls.map((call) => call.who))].sort((a, b) =>
  a.replace(/\d+/, "").localeCompare(b.replace(/\d+/, "")) || parseInt(a.replace(/\D/g, ""), 10) - parseInt(b.replace(/\D/g, ""), 10));
const LANE = 17, NODE_LANE = 20;
const lanes = [
  ...nodes.map((node) => ({ key: "n" + node.id, label: node.name, height: NODE_LANE, of: (call) => call.node === node.id })),
  { key: "gap", label: "", height: 10, of: () => false },
  ...clients.map((who) => ({ key: who, label: who, height: LANE, of: (call) => call.who === who })),
];
let top = 26;
for (const lane of lanes) {
  lane.top = top;
  // The longest first, so that none hides another.
  lane.calls = calls.filter(lane.of).sort((a, b) => b.to - b.from - (a.to - a.from));
  top += lane.height;
}
const timelineHeight = top + 8;
const FAULT_COLORS = ["#f0682b", "#d4a012", "#a8559e", "#4a8fb5", "#6a9a3a", "#8a6d57"];
const faultKinds = [...new Set(faults.map((fault) => fault.op))];
const faultColor = (op) => FAULT_COLORS[faultKinds.indexOf(op) % FAULT_COLORS.length];

function callColor(call) {
  if (call.kind === "info") return color("--unknown");
  if (call.kind === "fail") return color("--nothing");
  return color({ write: "--write", strong: "--strong", "at-least": "--least" }[call.mode] || "--eventual");
}
function legend(where, entries) {
  for (const [tone, text] of entries) {
    const item = make("span");
    const dot = make("i");
    dot.style.background = tone;
    item.append(dot, text);
    $(where).append(item);
  }
}
legend("legend", [["var(--write)", "write"], ["var(--strong)", "strong read"], ["var(--least)", "at-least read"],
  ["var(--eventual)", "eventual read or decision"], ["var(--unknown)", "fate unknown"], ["var(--nothing)", "nothing done"],
  ["var(--bad)", "does not hold"], ...faultKinds.map((op) => [faultColor(op), op])]);

function prepare(canvas, height) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.height = height + "px";
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.clearRect(0, 0, width, height);
  pen.font = "12px system-ui, 'DejaVu Sans', sans-serif";
  return { pen, width, x: (t) => LEFT + ((t - view.from) / (view.to - view.from)) * (width - LEFT - RIGHT) };
}
function backdrop({ pen, width, x }, height) {
  pen.save();
  pen.beginPath();
  pen.rect(LEFT, 0, width - LEFT - RIGHT, height);
  pen.clip();
  for (const fault of faults) {
    pen.globalAlpha = Number(color("--band"));
    pen.fillStyle = faultColor(fault.op);
    pen.fillRect(x(fault.from), 20, Math.max(1, x(fault.to) - x(fault.from)), height);
    pen.globalAlpha = 1;
  }
  pen.restore();
  const step = [1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 3e7, 6e7].find((it) => (view.to - view.from) / it < 14) || 1.2e8;
  pen.textAlign = "center";
  for (let t = Math.ceil(view.from / step) * step; t < view.to; t += step) {
    pen.fillStyle = color("--line");
    pen.fillRect(x(t), 20, 1, height);
    pen.fillStyle = color("--quiet");
    pen.fillText((t / 1e6).toFixed(step < 1e5 ? 2 : step < 1e6 ? 1 : 0) + " s", x(t), 13);
  }
}
function drawTimeline() {
  const canvas = $("timeline");
  const frame = prepare(canvas, timelineHeight);
  const { pen, width, x } = frame;
  backdrop(frame, timelineHeight);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const lane of lanes) {
    pen.fillStyle = color("--quiet");
    pen.fillText(lane.label, LEFT - 8, lane.top + lane.height / 2);
  }
  pen.save();
  pen.beginPath();
  pen.rect(LEFT, 0, width - LEFT - RIGHT, timelineHeight);
  pen.clip();
  for (const lane of lanes) {
    pen.globalAlpha = 0.8;
    for (const call of lane.calls) {
      if (call.to < view.from || call.from > view.to) continue;
      pen.fillStyle = callColor(call);
      pen.fillRect(x(call.from), lane.top + 3, Math.max(1.5, x(call.to) - x(call.from)), lane.height - 7);
    }
    pen.globalAlpha = 1;
    for (const fault of faults) {
      if (!(fault.targets || []).some((id) => "n" + id === lane.key)) continue;
      pen.fillStyle = faultColor(fault.op);
      pen.fillRect(x(fault.from), lane.top + lane.height - 3, Math.max(2, x(fault.to) - x(fault.from)), 3);
    }
    for (const [t, node, life] of lane.key.startsWith("n") ? data.lives : []) {
      if ("n" + node !== lane.key || life < 2) continue;
      pen.fillStyle = color("--ink");
      pen.beginPath();
      pen.moveTo(x(t), lane.top + 4);
      pen.lineTo(x(t) + 8, lane.top + lane.height / 2);
      pen.lineTo(x(t), lane.top + lane.height - 4);
      pen.fill();
    }
  }
  for (const { call } of wrong.values()) {
    const { served, required } = states(call);
    for (const lane of lanes.filter((it) => it.of(call))) {
      const left = x(call.from), wide = Math.max(6, x(call.to) - left);
      pen.fillStyle = pen.strokeStyle = color("--bad");
      pen.fillRect(left, lane.top + 1, wide, lane.height - 2);
      if (!lane.key.startsWith("n")) {
        arrow(pen, left, lane.top + lane.height / 2, served, x, [], "served");
        arrow(pen, left, lane.top + lane.height / 2, required, x, [4, 3], "due");
      }
    }
  }
  pen.restore();
}
function arrow(pen, left, middle, write, x, dash, label) {
  const lane = write && lanes.find((it) => !it.key.startsWith("n") && it.of(write));
  if (!lane || wrong.size > 12) return;
  const [toX, toY] = [x(write.to), lane.top + lane.height / 2];
  pen.setLineDash(dash);
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(left, middle);
  pen.lineTo(toX, toY);
  pen.stroke();
  pen.setLineDash([]);
  if (view.to - view.from > 3e6) return;
  pen.textAlign = "left";
  pen.fillText(label, toX + 4, toY);
}

// ---- Lag ----
const LAG_COLORS = ["#2f6fde", "#12a594", "#8e4ec6", "#e5484d", "#f5a524", "#ad7f58", "#0091ff", "#d6409f", "#6b7280"];
const lagColor = (place) => LAG_COLORS[place % LAG_COLORS.length];
legend("lag-legend", nodes.map((node, place) => [lagColor(place), node.name + (node.lag ? ` (lag ${node.lag} ms)` : "")]));
// The head of the log: the newest revision that anybody knew to be committed by then.
const head = [];
{
  const all = Object.values(status).flat().sort((a, b) => a[0] - b[0]);
  let newest = 0;
  for (const [t, , commit] of all) {
    if (commit > newest) { newest = commit; head.push([t, newest]); }
  }
}
function headAt(t) {
  let low = 0, high = head.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (head[middle][0] <= t) low = middle + 1; else high = middle;
  }
  return low ? head[low - 1][1] : 0;
}
const behind = new Map(nodes.map((node) => [node.id, (status[node.id] || []).map(([t, applied]) =>
  [t, Math.max(0, headAt(t) - applied)])]));
const declared = new Map(nodes.filter((node) => node.lag).map((node) => [node.id, (status[node.id] || [])
  .filter(([t]) => head.length && t - node.lag * 1000 > head[0][0])
  .map(([t]) => [t, Math.max(0, headAt(t) - headAt(t - node.lag * 1000))])]));
function drawLag() {
  const height = 230;
  const frame = prepare($("lag"), height);
  const { pen, width, x } = frame;
  backdrop(frame, height);
  const within = (points) => points.filter(([t]) => t >= view.from && t <= view.to);
  const most = Math.max(4, ...[...behind.values(), ...declared.values()].flatMap(within).map((it) => it[1]));
  const y = (value) => height - 14 - (value / most) * (height - 48);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const value of [0, most / 2, most].map(Math.round)) {
    pen.fillStyle = color("--line");
    pen.fillRect(LEFT, y(value), width - LEFT - RIGHT, 1);
    pen.fillStyle = color("--quiet");
    pen.fillText(String(value), LEFT - 8, y(value));
  }
  pen.save();
  pen.beginPath();
  pen.rect(LEFT, 0, width - LEFT - RIGHT, height);
  pen.clip();
  const line = (points, dash) => {
    pen.setLineDash(dash);
    pen.lineWidth = 1.6;
    pen.beginPath();
    let before = null;
    for (const [t, value] of points) {
      // Silence is no line.
      if (before === null || t - before > 1.5e6) pen.moveTo(x(t), y(value)); else pen.lineTo(x(t), y(value));
      before = t;
    }
    pen.stroke();
    pen.setLineDash([]);
  };
  nodes.forEach((node, place) => {
    pen.strokeStyle = lagColor(place);
    line(behind.get(node.id) || [], []);
    if (declared.has(node.id)) line(declared.get(node.id), [5, 4]);
  });
  pen.restore();
}

// ---- Moving about ----
function draw() { drawTimeline(); drawLag(); }
function show(from, to) {
  const least = 2000;
  if (to - from < least) to = from + least;
  view.from = Math.max(whole.from, from);
  view.to = Math.min(whole.to, to);
  requestAnimationFrame(draw);
}
function zoom(factor, around) {
  show(around - (around - view.from) * factor, around + (view.to - around) * factor);
}
function zoomTo(call) {
  // With the writes that the arrows lead to, unless they are far away.
  const near = Object.values(states(call)).filter((write) => write && call.from - write.to < 3e6);
  const from = Math.min(call.from, ...near.map((write) => write.from));
  const margin = Math.max(50000, (call.to - from) / 6);
  show(from - margin, call.to + margin);
  $("timeline").scrollIntoView({ behavior: "smooth", block: "center" });
}
function timeAt(canvas, clientX) {
  const box = canvas.getBoundingClientRect();
  return view.from + ((clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)) * (view.to - view.from);
}
for (const canvas of [$("timeline"), $("lag")]) {
  let grip = null;
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(canvas, event.clientX));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => { grip = { x: event.clientX, ...view }; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", () => { grip = null; });
  canvas.addEventListener("pointermove", (event) => {
    if (grip) {
      const moved = ((event.clientX - grip.x) / (canvas.clientWidth - LEFT - RIGHT)) * (grip.to - grip.from);
      const room = Math.min(Math.max(moved, grip.to - whole.to), grip.from - whole.from);
      show(grip.from - room, grip.to - room);
    }
    tip(canvas, event);
  });
  canvas.addEventListener("pointerleave", () => { $("tip").hidden = true; });
}
$("timeline").addEventListener("keydown", (event) => {
  const middle = (view.from + view.to) / 2, wide = view.to - view.from;
  const does = {
    "+": () => zoom(0.6, middle), "-": () => zoom(1.6, middle), "0": () => show(whole.from, whole.to),
    ArrowLeft: () => show(view.from - wide / 4, view.to - wide / 4), ArrowRight: () => show(view.from + wide / 4, view.to + wide / 4),
  }[event.key];
  if (does) { event.preventDefault(); does(); }
});
function tip(canvas, event) {
  const box = canvas.getBoundingClientRect();
  const t = timeAt(canvas, event.clientX), slack = ((view.to - view.from) / box.width) * 4;
  let text = "";
  if (canvas.id === "timeline") {
    const at = event.clientY - box.top;
    const lane = lanes.find((it) => at >= it.top && at < it.top + it.height);
    const near = lane ? lane.calls.filter((call) => call.from - slack <= t && call.to + slack >= t) : [];
    const call = near.sort((a, b) => Number(wrong.has(b.id)) - Number(wrong.has(a.id)) || a.to - a.from - (b.to - b.from))[0];
    if (call) text = told(call);
  } else {
    text = nodes.map((node) => {
      const points = behind.get(node.id) || [];
      const before = points.filter((point) => point[0] <= t).pop();
      return before && t - before[0] < 1.5e6 ? `${node.name}: ${before[1]} behind` : `${node.name}: silent`;
    }).join("\n");
  }
  const broken = faults.filter((fault) => fault.from <= t && fault.to >= t)
    .map((fault) => `${fault.op}: ${(fault.targets || []).map((id) => nodeName.get(id) || id).join(", ")}`);
  text = [text, ...broken].filter(Boolean).join("\n");
  const bubble = $("tip");
  bubble.hidden = !text;
  bubble.textContent = text;
  bubble.style.left = Math.min(event.clientX + 14, window.innerWidth - bubble.offsetWidth - 8) + "px";
  bubble.style.top = Math.min(event.clientY + 14, window.innerHeight - bubble.offsetHeight - 8) + "px";
}
function told(call) {
  const short = (value) => { const text = typeof value === "string" ? value : JSON.stringify(value); return text && text.length > 240 ? text.slice(0, 240) + "…" : text; };
  const lines = [`${call.id}  ${call.who} → ${nodeName.get(call.node) || call.node}${call.via ? " by " + call.via : ""}`,
    `${call.mode} ${call.op} ${call.args === null ? "" : short(call.args)}` + (call.token !== null ? ` (at least ${call.token})` : ""),
    `${seconds(call.from)}, took ${millis(call.to - call.from)}: ${{ ok: "answered", fail: "nothing done", info: "fate unknown" }[call.kind] || call.kind}`,
    short(call.out) || ""];
  if (call.index !== null) lines.push(`revision ${call.index}` + (call.age !== null ? `, at most ${call.age} ms old` : ""));
  if (wrong.has(call.id)) lines.push(wrong.get(call.id).check + ": " + wrong.get(call.id).text);
  return lines.filter(Boolean).join("\n");
}
window.addEventListener("resize", () => requestAnimationFrame(draw));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
draw();
}
