// A chart that stays: drawn once, then changed where its figure changes. Its mark of the date follows the player at once,
// and a second, fainter one the date that the pointer is at in another chart of the page.
//
// `data` from Python: {library, label, height, clickable, config, layout, traces}; what they mean stands in chart.py.
// To Python: the trigger "click" = the customdata of the point that was clicked.

const NUMBERS = {
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  f4: Float32Array,
  f8: Float64Array,
};
const TICKS = ["tickvals", "ticktext"];
const DAY_MS = 864e5;

const DATE = /^\d{4}-\d\d-\d\d$/;
const REACH_DAYS = 60; // a path stands nowhere at a date further from all of its views
const MARKS = ["cursor", "here"]; // shapes at a date: a line over a time axis, a ring on the trace with meta "trail"
const POINTED = { width: 1.5, dash: "dot" }; // how the fainter mark differs

const ticks = new Map(); // JSON -> list
const charts = new WeakMap(); // figure element -> Chart
let today = null; // the date (ISO) that the page's player shows; null: there is no player, Python's figures count
let pointed = { date: null, chart: null }; // the date that the pointer is at, and in which chart

// The player says so at each step and while playing; Python hears of it later, and its figure later still.
window.addEventListener("fluxscape-date", ({ detail }) => {
  today = detail;
  every((chart) => chart.follow());
});

function every(act) {
  for (const root of document.querySelectorAll(".fx-chart")) if (charts.has(root)) act(charts.get(root));
}

// The pointer is at a date in one chart, or at none any more: the others mark it.
function point(date, chart) {
  if (date === pointed.date) return;
  pointed = { date, chart };
  every((other) => other.follow());
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".fx-chart");
  if (!charts.has(root)) charts.set(root, new Chart(root));
  const chart = charts.get(root);
  chart.update(data, (point) => setTriggerValue("click", point));
  // Streamlit also calls this for a superseded update of a component that stays: only a detached one is over.
  return () => root.isConnected || chart.stop();
}

// plotly.js, loaded by whichever chart comes first.
function library(url) {
  window.fluxscapePlotly ??= new Promise((resolve, reject) => {
    const fail = () => {
      window.fluxscapePlotly = undefined; // so that the next update tries again
      reject(new Error(`${url} could not be loaded`));
    };
    const script = Object.assign(document.createElement("script"), { src: url, onerror: fail });
    script.onload = () => resolve(window.Plotly);
    document.head.append(script);
  });
  return window.fluxscapePlotly;
}

// Part of a figure. plotly.js tells lists apart by identity and draws all anew for a new one. So Python's base64 becomes
// lists here and not anew in every update there, and ticks that are the same are the same list.
function parse(text) {
  return JSON.parse(text, (key, value) => {
    const part = value?.bdata === undefined ? value : numbers(value);
    return TICKS.includes(key) ? unique(part) : part;
  });
}

function unique(list) {
  const text = JSON.stringify(list);
  if (!ticks.has(text)) ticks.set(text, list);
  return ticks.get(text);
}

// A list, or for a `shape` of "rows, columns" a list of rows.
function numbers({ dtype, bdata, shape = "" }) {
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  const list = Array.from(new NUMBERS[dtype](bytes.buffer));
  const [rows, columns] = shape.split(",").map(Number);
  if (!columns) return list;
  return Array.from({ length: rows }, (_, row) => list.slice(row * columns, (row + 1) * columns));
}

// The date of a point: what it says itself, or where it stands on a time axis.
const dateOf = ({ customdata, x }) => [customdata, x].find((value) => DATE.test(value)) ?? null;

// Where a mark stands at a date.
const markAt = (date, mark, trail) => (mark.name === "cursor" ? cursorAt(date, mark) : ringAt(date, trail));

// A cursor's ends at a date: there on a time axis; in the calendar at the day of the year, in the row of the year.
function cursorAt(date, { x0, y0, y1 }) {
  if (typeof x0 === "string") return { x0: date, x1: date };
  const year = Number(date.slice(0, 4));
  const day = 1 + (Date.parse(date) - Date.UTC(year, 0)) / DAY_MS;
  const half = (y1 - y0) / 2;
  return { x0: day, x1: day, y0: year - half, y1: year + half };
}

// A ring's middle at the view of a path that is nearest to a date.
function ringAt(date, trail) {
  const place = nearestView(date, trail);
  if (place < 0) return { visible: false };
  return { visible: true, xanchor: trail.x[place], yanchor: trail.y[place] };
}

function nearestView(date, { customdata }) {
  let [best, away] = [-1, REACH_DAYS * DAY_MS];
  customdata.forEach((view, place) => {
    const apart = Math.abs(Date.parse(view) - Date.parse(date)); // NaN where the path's line is broken
    if (apart <= away) [best, away] = [place, apart];
  });
  return best;
}

// The marks of a layout at their dates: `now`, and a copy of each at `there`. With none there the copy hides behind its
// mark, since plotly.js computes all anew when a shape is added.
function placeMarks(layout, trail, now, there) {
  const marks = (layout.shapes ?? []).filter(({ name }) => MARKS.includes(name));
  for (const mark of marks) {
    if (now) Object.assign(mark, markAt(now, mark, trail));
    const place = there ? { ...markAt(there, mark, trail), line: { ...mark.line, ...POINTED } } : {};
    layout.shapes.push({ ...mark, ...place, name: "pointed" });
  }
}

// The same for a path in space, which has no shapes: the trace with meta "here" is the ring, and the one pointed at.
function placeRing(traces, trail, now, there) {
  return traces.map((trace) => {
    if (trace.meta !== "here" || !(now || there)) return trace;
    const places = [now, there].map((date) => (date ? nearestView(date, trail) : -1));
    const shown = (axis) => places.map((place, turn) => trail[axis][place] ?? (turn || now ? null : trace[axis][0]));
    return { ...trace, x: shown("x"), y: shown("y"), z: shown("z") };
  });
}

// Buttons that save a chart as it is, on the colour of the page.
function savers(plotly) {
  const save = (format) => (chart) => {
    const { layout, data, clientWidth: width, clientHeight: height } = chart;
    const page = getComputedStyle(document.querySelector("[data-testid=stApp]") ?? document.body).backgroundColor;
    const marks = layout.shapes?.filter(({ name }) => name !== "pointed");
    const filename = chart.parentElement.getAttribute("aria-label").replace(/^Chart: |[^\w-]+/g, " ").trim();
    const figure = { data, layout: { ...layout, shapes: marks, paper_bgcolor: page } };
    return plotly.downloadImage(figure, { format, width, height, filename: filename.slice(0, 60), scale: 1 });
  };
  const button = (format) => ({
    name: `save${format}`,
    title: `Save as ${format.toUpperCase()}`,
    icon: format === "png" ? plotly.Icons.camera : plotly.Icons.disk,
    click: save(format),
  });
  return [button("png"), button("svg")];
}

async function load({ url, json }) {
  if (json) return parse(json);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return parse(await answer.text());
}

class Chart {
  constructor(root) {
    this.root = root;
    [this.drawing, this.note] = root.children;
    this.traces = new Map(); // place and source -> promise of a trace
    this.observer = new ResizeObserver(() => this.shown && this.root.clientWidth !== this.width && this.refresh());
    this.observer.observe(root);
    this.release = () => (this.held = false);
    root.addEventListener("pointerdown", (event) => event.button === 0 && this.hold(), { capture: true });
  }

  stop() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    if (pointed.chart === this) point(null, null);
    for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, this.release, { capture: true });
    this.plotly?.purge(this.drawing);
  }

  async update(data, click) {
    this.data = data;
    this.click = click;
    this.root.setAttribute("aria-label", data.label);
    this.root.classList.toggle("clickable", data.clickable);
    this.root.style.height = `${data.height}px`;
    try {
      const [plotly, ...traces] = await Promise.all([library(data.library), ...this.load(data.traces)]);
      if (data !== this.data) return; // something newer was asked for meanwhile
      this.savers ??= savers(plotly);
      const trail = traces.find(({ meta }) => meta === "trail");
      Object.assign(this, { plotly, shown: { ...data, traces, trail } });
      this.refresh();
    } catch (error) {
      if (data === this.data) this.fail(error);
    }
  }

  // A trace that stays as it was stays the same object: plotly.js then leaves its drawing alone.
  load(traces) {
    const before = this.traces;
    this.traces = new Map();
    return traces.map((trace, place) => {
      const source = `${place} ${trace.url ?? trace.json}`;
      const promise = before.get(source) ?? load(trace);
      this.traces.set(source, promise);
      return promise;
    });
  }

  // While a button is down on it nothing is drawn: a click or a drag that has begun could come to nothing.
  hold() {
    this.held = true;
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, this.release, { capture: true });
  }

  // Compares and draws anew what differs, the marks alone: a tenth of the work of plotly.js' own relayout.
  follow() {
    const marks = this.drawing.layout?.shapes?.some(({ name }) => MARKS.includes(name)); // none before the first drawing
    if (marks || (this.drawing.layout && this.shown.trail)) this.refresh();
  }

  // Draws at the browser's next frame, or when a held button is released.
  refresh() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (this.held) this.refresh();
      else if (this.shown) this.draw();
    });
  }

  draw() {
    this.width = this.root.clientWidth;
    if (!this.width) return; // hidden: the observer calls again when it is not
    const { trail, config, height } = this.shown;
    const layout = { ...parse(this.shown.layout), width: this.width, height };
    const there = pointed.chart === this ? null : pointed.date; // its own it shows itself
    placeMarks(layout, trail, today, there);
    const traces = trail ? placeRing(this.shown.traces, trail, today, there) : this.shown.traces;
    const fresh = !this.drawing.classList.contains("js-plotly-plot");
    try {
      this.plotly.react(this.drawing, traces, layout, { ...config, modeBarButtonsToAdd: this.savers });
      if (fresh) this.listen();
      this.say("");
    } catch (error) {
      this.fail(error);
    }
  }

  listen() {
    this.drawing.on("plotly_click", ({ points }) => this.tell(points[0].customdata));
    this.drawing.on("plotly_hover", ({ points }) => point(dateOf(points[0]), this));
    this.drawing.on("plotly_unhover", () => pointed.chart === this && point(null, null));
  }

  tell(point) {
    if (this.data.clickable && point !== undefined) this.click(point);
  }

  fail(error) {
    this.traces.clear(); // so that the next update tries again
    this.say(`The chart could not be drawn (${error.message}); reload the page to try again.`);
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }
}
