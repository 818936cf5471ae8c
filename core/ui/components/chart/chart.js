// A chart that stays: drawn once, then changed where its figure changes.
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

const ticks = new Map(); // JSON -> list
const charts = new WeakMap(); // figure element -> Chart

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
    this.observer = new ResizeObserver(() => this.shown && this.root.clientWidth !== this.width && this.draw());
    this.observer.observe(root);
  }

  stop() {
    this.observer.disconnect();
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
      Object.assign(this, { plotly, shown: { ...data, traces } });
      this.draw();
      this.say("");
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

  draw() {
    this.width = this.root.clientWidth;
    if (!this.width) return; // hidden: the observer calls again when it is not
    const { layout, traces, config, height } = this.shown;
    const fresh = !this.drawing.classList.contains("js-plotly-plot");
    this.plotly.react(this.drawing, traces, { ...parse(layout), width: this.width, height }, config);
    if (fresh) this.drawing.on("plotly_click", ({ points }) => this.tell(points[0].customdata));
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
