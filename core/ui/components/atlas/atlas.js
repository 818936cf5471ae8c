// A map of pixels and, where there is one, the scatter of the same pixels: what is drawn round in one lights up in both.
//
// `data` from Python: {under, over, points, values, rows, cols, height, label, hint, light, axes, legend, pins, mark, seq,
// quantity}; what they mean stands in atlas.py. To Python: the trigger "gesture" = {seq, kind: "pixel" | "area" | "none",
// on, pixel, path}.

const FAINT = 0.15; // of the overlay's strength, of what is not marked
const MOST_CORNERS = 240; // of a path
const DRAG_PX = 5; // less is a click
const NEAR_PX = 8; // a click this near to a point of the scatter means it
const NOWHERE = 65535; // of a coordinate: the pixel is in no place of the scatter
const UNKNOWN = -32768; // of a value, which counts in thousandths
const STRENGTH = 70; // %, of the overlay at first
const CELLS = 100; // along the sides of the scatter, as the keyboard steps over it
const KEYS = "or move with the arrow keys, choose with Enter, and begin an area with Space";

const atlases = new WeakMap(); // root element -> Atlas
const payloads = new Payloads(12);

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".atlas");
  if (!atlases.has(root)) atlases.set(root, new Atlas(root, data.seq));
  const atlas = atlases.get(root);
  atlas.send = (gesture) => setTriggerValue("gesture", gesture);
  atlas.update(data);
  // Streamlit also calls this for a superseded update of a component that stays: only a detached one is over.
  return () => root.isConnected || atlas.observer.disconnect();
}

// Whether (x, y) lies within a closed path, by the even-odd rule, as core.lasso has it.
function within(path, x, y) {
  let odd = false;
  for (let i = 0, j = path.length - 1; i < path.length; j = i++) {
    const [a, b] = path[i];
    const [c, d] = path[j];
    if (b > y !== d > y && x < a + ((y - b) * (c - a)) / (d - b)) odd = !odd;
  }
  return odd;
}

class Atlas {
  constructor(root, seq) {
    this.root = root;
    this.seq = seq;
    this.mark = null; // {kind, on, pixel, path}
    this.keyed = null; // where the keyboard is: a Steering, with `on`
    const find = (name) => root.querySelector(name);
    [this.image, this.marks, this.points, this.loops] = ["image", "marks", "points", "loops"].map((n) => find(`.${n}`));
    [this.readout, this.note, this.axis, this.button] = ["readout", "note", "axis", "clear"].map((n) => find(`.${n}`));
    [this.mapPanel, this.scatterPanel] = root.querySelectorAll(".panel");
    this.opacity = find(".opacity");
    this.opacity.value = STRENGTH;
    this.opacity.oninput = () => this.draw();
    this.button.onclick = () => this.tell({ kind: "none" });
    this.listen(this.marks, "map");
    this.listen(this.loops, "scatter");
    this.observer = new ResizeObserver(() => this.shown && this.layOut());
    this.observer.observe(root);
  }

  async update(data) {
    this.data = data;
    if (data.seq >= this.seq) [this.seq, this.mark] = [data.seq, data.mark];
    try {
      const urls = [data.under, data.over, data.points, data.values];
      const [under, over, points, values] = await Promise.all(urls.map((url) => (url ? payloads.get(url) : null)));
      if (data !== this.data) return; // something newer was asked for meanwhile
      this.under = under && new Uint8ClampedArray(under);
      this.over = new Uint8ClampedArray(over);
      this.places = points && new Uint16Array(points);
      this.values = values && new Int16Array(values);
      this.shown = data;
      this.names = new Map(data.legend.map(({ colour, name }) => [colour, name]));
      this.marks.setAttribute("aria-label", `${data.label}; ${KEYS}`);
      this.loops.setAttribute("aria-label", `${data.axes.join(", ")}; ${KEYS}`);
      this.scatterPanel.hidden = !points;
      this.axis.textContent = data.axes.length ? `across: ${data.axes[0]} · up: ${data.axes[1]}` : "";
      this.note.hidden = true;
      this.layOut();
    } catch (error) {
      this.note.hidden = false;
      this.note.textContent = `The map could not be drawn (${error.message}); reload the page to try again.`;
    }
  }

  // ------------------------------------------------------------ layout and drawing
  layOut() {
    const { rows, cols, height } = this.shown;
    const room = this.root.clientWidth;
    if (!room) return; // hidden: the observer calls again when it is not
    const wide = Math.max(80, Math.min(room, (height * cols) / rows));
    Object.assign(this.mapPanel.style, { width: `${wide}px` });
    this.mapPanel.firstElementChild.style.height = `${(wide * rows) / cols}px`;
    this.scatterPanel.firstElementChild.style.height = `${Math.min(height - 20, room)}px`;
    const dense = window.devicePixelRatio || 1;
    for (const canvas of [this.marks, this.points, this.loops]) {
      canvas.width = Math.round(canvas.clientWidth * dense);
      canvas.height = Math.round(canvas.clientHeight * dense);
    }
    Object.assign(this.image, { width: cols, height: rows });
    this.draw();
  }

  draw() {
    const lit = this.lit();
    this.drawImage(lit);
    if (this.places && !this.scatterPanel.hidden) this.drawPoints(lit);
    this.drawMarks();
    this.drawLoops();
    const count = lit?.reduce((sum, one) => sum + one, 0);
    this.root.dataset.lit = count ?? "";
    this.root.dataset.seq = this.seq;
    this.root.dataset.over = this.shown.over;
    this.button.hidden = !this.mark;
    this.readout.textContent = lit ? `${count.toLocaleString("en")} pixels lit up` : this.shown.hint;
  }

  // Which pixels the marked area holds, 1 or 0 a pixel; null where there is none.
  lit() {
    const { rows, cols } = this.shown;
    if (this.mark?.kind !== "area" || !this.shown.light) return null;
    const found = new Uint8Array(rows * cols);
    const { on, path } = this.mark;
    for (let place = 0; place < found.length; place++) {
      if (on === "map") found[place] = within(path, Math.floor(place / cols) + 0.5, (place % cols) + 0.5);
      else if (this.places && this.places[2 * place] !== NOWHERE)
        found[place] = within(path, this.places[2 * place] / 65534, this.places[2 * place + 1] / 65534);
    }
    return found;
  }

  drawImage(lit) {
    const { rows, cols } = this.shown;
    const out = new ImageData(cols, rows);
    const strength = this.opacity.value / 100;
    for (let place = 0, at = 0; place < rows * cols; place++, at += 4) {
      const part = (this.over[at + 3] / 255) * strength * (lit && !lit[place] ? FAINT : 1);
      const ground = this.under ? this.under[at + 3] / 255 : 0;
      const alpha = part + ground * (1 - part);
      for (let band = 0; band < 3; band++) {
        const below = this.under ? this.under[at + band] * ground * (1 - part) : 0;
        out.data[at + band] = alpha ? (this.over[at + band] * part + below) / alpha : 0;
      }
      out.data[at + 3] = 255 * alpha;
    }
    this.image.getContext("2d").putImageData(out, 0, 0);
  }

  drawPoints(lit) {
    const { width, height } = this.points;
    if (!width || !height) return;
    const out = new ImageData(width, height);
    const count = this.places.length / 2;
    const size = (count > 40000 ? 2 : 3) * Math.max(1, Math.round(window.devicePixelRatio || 1));
    for (const turn of lit ? [0, 1] : [0]) {
      for (let place = 0; place < count; place++) {
        if (this.places[2 * place] === NOWHERE || (lit && lit[place] !== turn)) continue;
        this.dot(out, place, size, lit && !turn ? FAINT : 0.85);
      }
    }
    this.points.getContext("2d").putImageData(out, 0, 0);
  }

  dot(out, place, size, strength) {
    const [across, down] = this.spot(place, out.width - size, out.height - size);
    const at = 4 * place;
    const alpha = this.over[at + 3] * strength;
    if (!alpha) return;
    for (let y = Math.round(down); y < down + size; y++) {
      for (let x = Math.round(across); x < across + size; x++) {
        const to = 4 * (y * out.width + x);
        if (out.data[to + 3] > alpha) continue;
        for (let band = 0; band < 3; band++) out.data[to + band] = this.over[at + band];
        out.data[to + 3] = alpha;
      }
    }
  }

  // Where a pixel lies in the scatter: across and down.
  spot(place, width, height) {
    return [(this.places[2 * place] / 65534) * width, (1 - this.places[2 * place + 1] / 65534) * height];
  }

  drawMarks() {
    const { rows, cols, pins } = this.shown;
    const pen = this.marks.getContext("2d");
    const { width, height } = this.marks;
    pen.clearRect(0, 0, width, height);
    const to = ([row, column]) => [(column / cols) * width, (row / rows) * height];
    for (const { path, colour } of pins) this.outline(pen, path.map(to), colour);
    if (this.mark?.kind === "pixel") this.ring(pen, to(centre(this.mark.pixel)));
    this.drawKeyed(pen, "map", to, "#ffffff");
    if (this.mark?.on === "map" && this.mark.path) this.outline(pen, this.mark.path.map(to), "#ffffff");
    if (this.drawing?.on === "map") this.outline(pen, this.drawing.path.map(to), "#ffffff");
  }

  drawLoops() {
    const pen = this.loops.getContext("2d");
    const { width, height } = this.loops;
    pen.clearRect(0, 0, width, height);
    if (!this.places) return;
    const to = ([x, y]) => [x * width, (1 - y) * height];
    const ink = getComputedStyle(this.root).color;
    const place = this.mark?.kind === "pixel" ? this.mark.pixel[0] * this.shown.cols + this.mark.pixel[1] : -1;
    if (place >= 0 && this.places[2 * place] !== NOWHERE) this.ring(pen, this.spot(place, width, height));
    if (this.mark?.on === "scatter" && this.mark.path) this.outline(pen, this.mark.path.map(to), ink);
    if (this.drawing?.on === "scatter") this.outline(pen, this.drawing.path.map(to), ink);
    this.drawKeyed(pen, "scatter", to, ink);
  }

  drawKeyed(pen, on, to, colour) {
    if (this.keyed?.on !== on) return;
    this.ring(pen, to(this.keyedPlace(centre(this.keyed.at))));
    if (this.keyed.box) this.outline(pen, this.keyedPath(this.keyed.box).map(to), colour);
  }

  // A path, or a dot where it is a single place.
  outline(pen, path, colour) {
    const dense = window.devicePixelRatio || 1;
    pen.beginPath();
    if (path.length === 1) pen.arc(...path[0], 5 * dense, 0, 7);
    else path.forEach((corner) => pen.lineTo(...corner));
    pen.closePath();
    for (const [width, style] of [[4, "#00000099"], [2, colour]]) {
      Object.assign(pen, { lineWidth: width * dense, strokeStyle: style });
      pen.stroke();
    }
    if (path.length > 1) return;
    pen.fillStyle = colour;
    pen.fill();
    Object.assign(pen, { lineWidth: 1.5 * dense, strokeStyle: "#ffffff" });
    pen.stroke();
  }

  ring(pen, [x, y]) {
    const dense = window.devicePixelRatio || 1;
    for (const [width, style] of [[4, "#ffffff"], [2, "#1d2730"]]) {
      pen.beginPath();
      pen.arc(x, y, 7 * dense, 0, 7);
      Object.assign(pen, { lineWidth: width * dense, strokeStyle: style });
      pen.stroke();
    }
  }

  // ------------------------------------------------------------ gestures
  listen(canvas, on) {
    canvas.onpointerdown = (event) => {
      if (event.button !== 0 || !this.shown) return;
      this.leaveKeys();
      canvas.setPointerCapture(event.pointerId);
      this.drawing = { on, from: [event.clientX, event.clientY], path: [this.at(canvas, on, event)], moved: false };
    };
    canvas.onpointermove = (event) => (this.drawing ? this.extend(canvas, on, event) : this.hover(canvas, on, event));
    canvas.onpointerup = (event) => this.finish(canvas, on, event);
    canvas.onpointercancel = () => this.drop();
    canvas.onpointerleave = () => this.drawing || (this.shown && this.draw());
    canvas.onkeydown = (event) => this.key(event, on);
    canvas.onblur = () => this.leaveKeys();
  }

  // Without a pointer: arrows move a ring, Space begins an area, Enter chooses, Escape forgets.
  key(event, on) {
    if (!this.shown) return;
    const keyed = this.keyed ?? this.steering(on);
    if (event.key === "Enter" && this.keyed) this.tell(this.keyedGesture());
    else if (keyed.press(event)) this.steer(keyed);
    else if (event.key === "Escape" && this.mark) this.tell({ kind: "none" });
    else return;
    event.preventDefault();
  }

  steering(on) {
    const { rows, cols } = this.shown;
    const keyed = on === "map" ? new Steering(rows, cols, this.mark?.pixel) : new Steering(CELLS, CELLS);
    return Object.assign(keyed, { on });
  }

  steer(keyed) {
    this.keyed = keyed;
    this.drawMarks();
    this.drawLoops();
    this.readout.textContent = [...this.reading(this.keyedPixel()), keyed.told].join(" · ");
  }

  keyedGesture() {
    const { on, box } = this.keyed;
    this.keyed.corner = null;
    return box ? { kind: "area", on, path: this.keyedPath(box) } : { kind: "pixel", on, pixel: this.keyedPixel() };
  }

  keyedPixel() {
    return this.keyed.on === "map" ? this.keyed.at : this.nearest(this.keyedPlace(centre(this.keyed.at)), Infinity);
  }

  // What a pointer at a row and column of the keyboard would be at: see `at`.
  keyedPlace([row, column]) {
    return this.keyed.on === "map" ? [row, column] : [column / CELLS, 1 - row / CELLS];
  }

  keyedPath([top, left, bottom, right]) {
    return [[top, left], [top, right], [bottom, right], [bottom, left]].map((corner) => this.keyedPlace(corner));
  }

  leaveKeys() {
    if (!this.keyed) return;
    this.keyed = null;
    this.draw();
  }

  // Row and column on the map, counted in pixels from the corner; 0..1 across and up in the scatter.
  at(canvas, on, event) {
    const box = canvas.getBoundingClientRect();
    const across = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const down = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
    return on === "map" ? [down * this.shown.rows, across * this.shown.cols] : [across, 1 - down];
  }

  extend(canvas, on, event) {
    const [x, y] = this.drawing.from;
    this.drawing.moved ||= Math.hypot(event.clientX - x, event.clientY - y) > DRAG_PX;
    this.drawing.path.push(this.at(canvas, on, event));
    if (this.drawing.moved) on === "map" ? this.drawMarks() : this.drawLoops();
  }

  finish(canvas, on, event) {
    const drawing = this.drawing;
    this.drawing = null;
    if (!drawing) return;
    if (!drawing.moved) {
      const pixel = on === "map" ? this.pixelAt(canvas, event) : this.nearest(this.at(canvas, on, event));
      if (pixel) this.tell({ kind: "pixel", on, pixel });
      return;
    }
    const step = Math.ceil(drawing.path.length / MOST_CORNERS);
    this.tell({ kind: "area", on, path: drawing.path.filter((_, place) => place % step === 0) });
  }

  drop() {
    this.drawing = null;
    if (this.shown) this.draw();
  }

  pixelAt(canvas, event) {
    const { rows, cols } = this.shown;
    const [row, column] = this.at(canvas, "map", event);
    return [Math.min(rows - 1, Math.floor(row)), Math.min(cols - 1, Math.floor(column))];
  }

  // The pixel nearest to a place in the scatter, 0..1 across and up, within a reach in CSS px; null where there is none.
  nearest([across, up], reach = NEAR_PX) {
    const { width, height } = this.loops.getBoundingClientRect();
    let best = -1;
    for (let place = 0; place < this.places.length / 2; place++) {
      if (this.places[2 * place] === NOWHERE) continue;
      const [x, y] = this.spot(place, width, height);
      const away = Math.hypot(x - across * width, y - (1 - up) * height);
      if (away < reach) [best, reach] = [place, away];
    }
    return best < 0 ? null : [Math.floor(best / this.shown.cols), best % this.shown.cols];
  }

  hover(canvas, on, event) {
    if (!this.shown || (this.mark?.kind === "area" && this.shown.light)) return; // then the count stands there
    const pixel = on === "map" ? this.pixelAt(canvas, event) : this.nearest(this.at(canvas, on, event));
    if (pixel) this.readout.textContent = this.reading(pixel).join(" · ");
  }

  // What is told of a pixel, under the map.
  reading(pixel) {
    const at = 4 * (pixel[0] * this.shown.cols + pixel[1]);
    const name = this.over[at + 3] ? this.names.get([...this.over.slice(at, at + 3)].join(",")) : "";
    const value = this.values?.[at / 4] ?? UNKNOWN;
    const told = [`row ${pixel[0]}, column ${pixel[1]}`, name];
    if (this.values) told.push(value === UNKNOWN ? "not seen" : `${this.shown.quantity} ${(value / 1000).toFixed(2)}`);
    return told.filter(Boolean);
  }

  // Shown at once; Python hears of it, and its answer counts from then on.
  tell(gesture) {
    this.seq += 1;
    this.mark = gesture.kind === "none" ? null : gesture;
    this.draw();
    this.send({ seq: this.seq, ...gesture });
  }
}
