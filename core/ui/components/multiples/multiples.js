// A small map for each dimension, and under it what the dimension goes with. The maps follow the page's player at once.
//
// `data` from Python: {url, start, count, palette, dates, rows, cols, tiles: [{name, low, high, bars}], date, content};
// what they mean stands in multiples.py. Python hears of nothing.

const sections = new WeakMap(); // root element -> Multiples
const payloads = new Payloads(4);
let today = null; // the date (ISO) that the page's player shows; null: there is no player, Python's date counts

const element = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
const short = (value) => Number(value.toPrecision(2)).toString().replace("-", "−");

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".multiples");
  if (!sections.has(root)) sections.set(root, new Multiples(root));
  const section = sections.get(root);
  section.update(data);
  // Streamlit also calls this for a superseded update of a component that stays: only a detached one is over.
  return () => root.isConnected || section.stop();
}

class Multiples {
  constructor(root) {
    this.root = root;
    this.follow = ({ detail }) => {
      today = detail;
      if (detail) this.show(detail);
    };
    window.addEventListener("fluxscape-date", this.follow);
  }

  stop() {
    window.removeEventListener("fluxscape-date", this.follow);
  }

  async update(data) {
    const fresh = data.content !== this.data?.content;
    this.data = data;
    this.date = today ?? data.date;
    if (fresh) this.layOut();
    try {
      const bytes = new Uint8Array(await payloads.get(data.url));
      if (data.content !== this.data.content) return; // something newer was asked for meanwhile
      this.bytes = bytes;
      this.show(this.date);
    } catch (error) {
      const note = `The maps could not be loaded (${error.message}); change the date to try again.`;
      if (data === this.data) this.root.replaceChildren(element("p", note));
      this.data = null;
    }
  }

  layOut() {
    const { tiles, palette, rows, cols } = this.data;
    this.colours = new Uint32Array(Uint8Array.from(atob(palette), (letter) => letter.charCodeAt(0)).buffer);
    this.bytes = null;
    this.canvases = tiles.map(({ name }) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: cols, height: rows });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `Map of ${name}`);
      return canvas;
    });
    this.root.replaceChildren(...tiles.map((tile, place) => this.figure(tile, this.canvases[place])));
  }

  figure({ name, low, high, bars }, canvas) {
    const caption = element("figcaption");
    caption.append(element("strong", name), element("span", `${short(low)} to ${short(high)}`));
    const figure = element("figure");
    figure.append(caption, canvas, this.bars(bars));
    return figure;
  }

  // From the middle to the right where it rises with a quantity, to the left where it falls.
  bars(bars) {
    const grid = element("div");
    grid.className = "bars";
    for (const { name, value } of bars) {
      const bar = element("b");
      const half = `${50 * Math.abs(value)}%`;
      bar.style.setProperty("--width", half);
      bar.style.setProperty("--left", value < 0 ? half : "0%");
      bar.style.setProperty("--colour", value < 0 ? "var(--below)" : "var(--above)");
      grid.append(element("span", name), bar, element("em", signed(value)));
    }
    return grid;
  }

  // Draws a date, if it is among those that are here; else Python sends others soon.
  show(date) {
    this.date = date;
    if (!this.data || !this.bytes) return;
    const { dates, start, count, rows, cols } = this.data;
    const place = dates.indexOf(date) - start;
    if (place < 0 || place >= count) return;
    const size = rows * cols;
    this.canvases.forEach((canvas, tile) => {
      const first = (place * this.canvases.length + tile) * size;
      const pixels = new Uint32Array(size);
      for (let i = 0; i < size; i++) pixels[i] = this.colours[this.bytes[first + i]];
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), cols, rows), 0, 0);
    });
    this.root.dataset.date = date;
  }
}
