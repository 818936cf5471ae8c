// What the player draws, and where on it a pointer is. It knows no state: it shows what it is told.
// Comes before player.js; they become one module.

const BAR_HEIGHT = 32; // of the timeline's drawing, CSS px
const DAY_MS = 864e5;
const CHIPS = ["#d64541", "#3fa34d", "#3f74c9"]; // the legend of red, green and blue
const SMALLEST_MARK = 9; // CSS px, of the selected pixel

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const percent = (part) => `${100 * part}%`;
const element = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });
const decoded = (palette) =>
  palette && new Uint32Array(Uint8Array.from(atob(palette), (letter) => letter.charCodeAt(0)).buffer);
const metres = (value) => Math.round(value).toLocaleString("en").replaceAll(",", " ");

// A number with as many decimals as a step of it deserves.
const format = (value, step) => value.toFixed(clamp(Math.floor(-Math.log10(step)), 0, 4)).replace("-", "−");

// The longest of 1, 2, 5 x 10^n metres that fits.
function niceLength(limit) {
  const power = 10 ** Math.floor(Math.log10(limit));
  return [5, 2, 1].map((digit) => digit * power).find((length) => length <= limit);
}

class View {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`.${name}`);
    this.canvas = this.part("image");
    this.context = this.canvas.getContext("2d");
    this.timeline = this.part("timeline");
    this.split = 0.5; // how much of the picture's width shows the left picture
  }

  // ---------------------------------------------------------- once for each set of frames
  layOut(data, times, usable) {
    this.data = data;
    this.times = times;
    this.first = times[0];
    this.span = Math.max(DAY_MS, times.at(-1) - this.first);
    this.main = this.describe(data);
    this.left = data.left && this.describe(data.left);
    this.part("label").textContent = this.left ? `Right: ${data.label}` : data.label;
    this.part("legend").replaceChildren(...this.legend(this.main));
    this.layOutLeft();
    this.layOutTimeline(usable);
    this.layOutYears();
    this.fit();
  }

  // How the bytes of a picture are meant.
  describe({ label, channels, palette }) {
    return { label, channels, colours: decoded(palette) };
  }

  // Names and handle of two pictures that are swiped between; nothing where there is one alone.
  layOutLeft() {
    for (const name of ["swipe", "left-key"]) this.part(name).hidden = !this.left;
    if (!this.left) return;
    this.part("left-label").textContent = `Left: ${this.left.label}`;
    this.part("left-legend").replaceChildren(...this.legend(this.left));
    this.part("left-name").textContent = this.left.label;
    this.part("right-name").textContent = this.main.label;
    this.part("swipe").setAttribute("aria-label", `Swipe between ${this.left.label} and ${this.main.label}`);
    this.swipe(this.split);
  }

  // The picture takes the room there is.
  fit() {
    const { grid, height } = this.data;
    this.zoom = Math.min(this.root.clientWidth / grid.cols, height / grid.rows); // CSS px a pixel
    const stage = this.part("stage");
    stage.style.width = `${this.zoom * grid.cols}px`;
    stage.style.height = `${this.zoom * grid.rows}px`;
    this.layOutScale();
    this.drawMark(this.marked);
  }

  layOutScale() {
    const { cols, pixel_width } = this.data.grid;
    const scale = this.part("scale");
    scale.hidden = !(pixel_width > 0);
    if (scale.hidden) return;
    const length = niceLength((cols * pixel_width) / 3);
    scale.style.width = `${(length / pixel_width) * this.zoom}px`;
    scale.textContent = length >= 1000 ? `${length / 1000} km` : `${length} m`;
  }

  // A bar for each date, as high as its usable share.
  layOutTimeline(usable) {
    this.timeline.querySelector("svg").setAttribute("viewBox", `0 0 1 ${BAR_HEIGHT}`);
    const top = (i) => BAR_HEIGHT - 2 - (BAR_HEIGHT - 6) * this.data.share[i];
    const bars = (chosen) =>
      this.times.map((_, i) => (chosen(i) ? `M${this.at(i)} ${BAR_HEIGHT}V${top(i)}` : "")).join("");
    this.part("usable").setAttribute("d", bars(usable));
    this.part("poor").setAttribute("d", bars((i) => !usable(i)));
    this.timeline.setAttribute("aria-valuemax", this.times.length - 1);
  }

  layOutYears() {
    const [first, last] = [this.times[0], this.times.at(-1)].map((time) => new Date(time).getUTCFullYear());
    const labels = [];
    for (let year = first; year <= last; year++) {
      const label = element("span", year);
      const left = Math.max(0, (Date.UTC(year, 0) - this.first) / this.span);
      label.style.left = percent(left);
      if (left < 0.93) labels.push(label); // else there is no room for it
    }
    this.part("years").replaceChildren(...labels);
  }

  legend(picture) {
    return picture.colours ? this.colourBar(picture) : this.bandNames(picture);
  }

  bandNames({ channels }) {
    return channels.flatMap(({ label }, i) => {
      const chip = element("b");
      chip.style.background = CHIPS[i];
      return [chip, element("span", label)];
    });
  }

  colourBar({ channels, colours }) {
    const { low, high, unit } = channels[0];
    const css = (rgba) => `rgb(${rgba & 255},${(rgba >> 8) & 255},${(rgba >> 16) & 255})`;
    const stops = Array.from({ length: 16 }, (_, i) => css(colours[1 + Math.round((254 * i) / 15)]));
    const bar = element("i");
    bar.style.background = `linear-gradient(90deg,${stops.join(",")})`;
    const step = (high - low) / 64; // no need for finer labels
    return [element("span", format(low, step)), bar, element("span", `${format(high, step)} ${unit}`.trim())];
  }

  // ---------------------------------------------------------- at each step
  // `bytes` of this date's frame, `left` of the left picture's; null: not there yet, or no such picture.
  // `pixel`, `hover`: [row, col] or null. `box`: [row, col, row after the last, col after the last] or null. `told`: what
  // the keys do.
  draw({ index, bytes, left, pixel, hover, box, told }) {
    const share = this.data.share[index];
    const usable = `${Math.round(100 * share)} % usable`;
    this.part("date").textContent = this.data.dates[index];
    this.part("share").textContent = usable;
    this.part("cursor").style.left = percent(this.at(index));
    this.timeline.setAttribute("aria-valuenow", index);
    this.timeline.setAttribute("aria-valuetext", `${this.data.dates[index]}, ${usable}`);
    if (bytes) this.drawFrame(bytes, left);
    this.note(!bytes ? "Loading …" : share > 0 ? "" : "No usable pixel on this date");
    this.drawMark(pixel);
    this.drawBox(box);
    this.drawReadout(hover ?? pixel, bytes, left, told);
  }

  drawFrame(bytes, left) {
    const { rows, cols } = this.data.grid;
    const image = (picture, own) => new ImageData(this.rgba(picture, own), cols, rows);
    this.images = [image(this.main, bytes), left && this.left ? image(this.left, left) : null];
    this.canvas.width = cols;
    this.canvas.height = rows;
    this.paint();
  }

  // The pictures as they are swiped: what is left of the line replaces what is right of it, transparent pixels too.
  paint() {
    if (!this.images) return;
    const { rows, cols } = this.data.grid;
    const [main, left] = this.images;
    this.context.putImageData(main, 0, 0);
    const columns = Math.round(this.split * cols);
    if (left && columns) this.context.putImageData(left, 0, 0, 0, 0, columns, rows);
  }

  // Moves the line to a part of the width, on the border of two pixels.
  swipe(part) {
    this.split = clamp(part, 0, 1);
    const { cols } = this.data.grid;
    this.part("swipe").style.left = percent(Math.round(this.split * cols) / cols);
    this.part("swipe").setAttribute("aria-valuenow", Math.round(100 * this.split));
    this.paint();
  }

  rgba({ colours }, bytes) {
    if (!colours) return new Uint8ClampedArray(bytes.buffer, bytes.byteOffset, bytes.length);
    const pixels = new Uint32Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) pixels[i] = colours[bytes[i]];
    return new Uint8ClampedArray(pixels.buffer);
  }

  drawBox(box) {
    const frame = this.part("box");
    frame.hidden = !box;
    if (!box) return;
    const { rows, cols } = this.data.grid;
    const [top, left, bottom, right] = box;
    Object.assign(frame.style, {
      top: percent(top / rows),
      left: percent(left / cols),
      height: percent((bottom - top) / rows),
      width: percent((right - left) / cols),
    });
  }

  drawMark(pixel) {
    this.marked = pixel;
    const mark = this.part("pixel");
    mark.hidden = !pixel;
    if (!pixel) return;
    const { rows, cols } = this.data.grid;
    const size = `${Math.max(SMALLEST_MARK, this.zoom + 3)}px`;
    const [top, left] = [percent((pixel[0] + 0.5) / rows), percent((pixel[1] + 0.5) / cols)];
    Object.assign(mark.style, { top, left, width: size, height: size });
  }

  drawReadout(pixel, bytes, left, told = "") {
    const lines = pixel ? this.reading(pixel, bytes, left) : ["Point at a pixel to read it, click to select it."];
    this.part("readout").replaceChildren(...[...lines, told].filter(Boolean).map((text) => element("div", text)));
  }

  reading([row, col], bytes, left) {
    const { grid } = this.data;
    const place = `E ${metres(grid.x + col * grid.pixel_width)} m, N ${metres(grid.y - row * grid.pixel_height)} m`;
    const values = (picture, own) => (own && picture ? this.values(picture, row * grid.cols + col, own) : "");
    return [`row ${row}, column ${col}`, place, values(this.left, left), values(this.main, bytes)].filter(Boolean);
  }

  // What a pixel shows, as far as a byte tells: "B04 0.043", "NDVI ≥ 0.91", "no value".
  values({ channels, colours }, position, bytes) {
    const [size, lowest] = colours ? [1, 1] : [4, 0]; // bytes a pixel; the byte of the lowest value
    if (!bytes[size * position + size - 1]) return "no value";
    const text = ({ label, low, high, unit, gamma }, i) => {
      const byte = bytes[size * position + i];
      const value = low + (high - low) * ((byte - lowest) / (255 - lowest)) ** gamma;
      const beyond = byte === lowest ? "≤ " : byte === 255 ? "≥ " : "";
      return `${label} ${beyond}${format(value, (high - low) / 255)} ${unit}`.trim();
    };
    return channels.map(text).join("  ");
  }

  note(text) {
    this.part("note").hidden = !text;
    this.part("note").replaceChildren(element("span", text));
  }

  playing(on) {
    this.part("play").textContent = on ? "❚❚" : "▶";
    this.part("play").setAttribute("aria-label", on ? "Pause" : "Play");
  }

  // ---------------------------------------------------------- where things are
  // Where a date lies on the timeline, 0..1.
  at(index) {
    return (this.times[index] - this.first) / this.span;
  }

  // The time under a pointer, ms, and how many of them a CSS px is.
  timeAt(event) {
    const box = this.timeline.getBoundingClientRect();
    const perPixel = this.span / box.width;
    return { time: this.first + (event.clientX - box.left) * perPixel, perPixel };
  }

  // How far across the picture a pointer is, 0..1.
  partAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  }

  pixelAt(event) {
    const { rows, cols } = this.data.grid;
    const box = this.canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const col = Math.floor(((event.clientX - box.left) / box.width) * cols);
    return [clamp(row, 0, rows - 1), clamp(col, 0, cols - 1)];
  }
}
