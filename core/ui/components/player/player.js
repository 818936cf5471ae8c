// What the player does. All frames live in the browser; Python hears of a settled date or a clicked pixel, no more.
// The charts of the page hear of every date that is shown, here in the browser: the event "fluxscape-date" on window.
// Last of the player's scripts; they become one module.
//
// `data` from Python: {url, start, count, palette, dates, share, channels, grid, label, usable_share, height, content,
// date, pixel, seq, left, drawable, box}; what they mean stands in player.py. To Python: the state "view" = {date, pixel,
// seq}. `seq` counts the gestures made here and Python sends back the last one it has seen, so that its answer to an
// older gesture never undoes a newer one. And the trigger "box" = [row, col, row after, col after] that was drawn.

const SETTLE_MS = 45; // after the last step, before Python hears of it
const FRAME_MS = 125; // between two dates while playing
const SNAP_PX = 8; // how far a pointer on the timeline reaches for a usable date
const SWIPE_KEY = 0.05; // of the width: a step of the line between two pictures with an arrow key
const DRAWN_PX = 5; // how far a pointer moves before it draws a box
const YEAR_MS = 365.25 * DAY_MS;

const payloads = new Payloads(8);
const players = new WeakMap(); // root element -> Player

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".player");
  if (!players.has(root)) players.set(root, new Player(root));
  const player = players.get(root);
  player.tellBox = (box) => setTriggerValue("box", box);
  player.update(data, (view) => setStateValue("view", view));
  // Streamlit also calls this for a superseded update of a component that stays: only a detached one is over.
  return () => root.isConnected || player.stop();
}

function nearest(times, wanted, allowed = () => true) {
  let best = -1;
  times.forEach((time, i) => {
    if (allowed(i) && (best < 0 || Math.abs(time - wanted) < Math.abs(times[best] - wanted))) best = i;
  });
  return best;
}

// To the charts of the page; null: no player shows a date any more.
function announce(date) {
  window.dispatchEvent(new CustomEvent("fluxscape-date", { detail: date }));
}

class Player {
  constructor(root) {
    this.view = new View(root);
    this.seq = 0;
    this.hover = null;
    this.timers = {};
    this.observer = new ResizeObserver(() => this.data && this.view.fit());
    this.observer.observe(root);
    this.listen(root);
  }

  listen(root) {
    const { canvas, timeline } = this.view;
    const on = (target, type, act) => target.addEventListener(type, act);
    on(root, "keydown", (event) => this.key(event));
    on(canvas, "keydown", (event) => this.steer(event));
    on(canvas, "focus", () => this.offerKeys(canvas.matches(":focus-visible")));
    on(canvas, "blur", () => this.offerKeys(false));
    on(canvas, "click", (event) => this.drawn || this.select(this.view.pixelAt(event)));
    on(canvas, "pointerdown", (event) => this.beginBox(event));
    on(canvas, "pointermove", (event) => this.move(event));
    on(canvas, "pointerup", (event) => this.endBox(this.view.pixelAt(event)));
    on(canvas, "pointercancel", () => this.endBox(null));
    on(canvas, "pointerleave", () => this.point(null));
    on(timeline, "pointerdown", (event) => this.grab(event));
    on(timeline, "pointermove", (event) => timeline.hasPointerCapture(event.pointerId) && this.go(this.dateAt(event)));
    on(timeline, "lostpointercapture", () => this.report());
    const swipe = this.view.part("swipe");
    on(swipe, "pointerdown", (event) => swipe.setPointerCapture(event.pointerId));
    on(swipe, "pointermove", (event) => swipe.hasPointerCapture(event.pointerId) && this.view.swipe(this.view.partAt(event)));
    on(swipe, "keydown", (event) => this.swipeKey(event));
    on(this.view.part("back"), "click", () => this.step(-1));
    on(this.view.part("play"), "click", () => this.play(!this.timers.play));
    on(this.view.part("on"), "click", () => this.step(1));
  }

  stop() {
    this.observer.disconnect();
    clearInterval(this.timers.play);
    clearTimeout(this.timers.settle);
    announce(null);
  }

  // ---------------------------------------------------------- from Python
  update(data, send) {
    const fresh = data.content !== this.data?.content;
    this.data = data;
    this.send = send;
    if (fresh) this.setUp();
    if (data.seq >= this.seq) {
      this.seq = data.seq;
      this.date = data.date;
      this.pixel = data.pixel;
    }
    this.index = nearest(this.times, Date.parse(this.date));
    if (!this.corner) this.box = null; // from now on the box is Python's
    this.draw();
    if (this.loaded?.content !== data.content) this.load(data);
  }

  setUp() {
    const { dates, share, usable_share } = this.data;
    const some = share.some((part) => part >= usable_share);
    this.times = dates.map((date) => Date.parse(date));
    this.usable = (i) => share[i] >= usable_share || !some;
    this.view.layOut(this.data, this.times, this.usable);
  }

  async load({ content, url, left }) {
    const wanted = () => content === this.data.content; // else something newer was asked for meanwhile
    try {
      const files = await Promise.all([payloads.get(url), left && payloads.get(left.url)]);
      const [bytes, leftBytes] = files.map((file) => file && new Uint8Array(file));
      if (!wanted()) return;
      this.loaded = { content, bytes, leftBytes };
      this.draw();
    } catch (error) {
      const remedy = "change the date to try again";
      if (wanted()) this.view.note(`The pictures could not be loaded (${error.message}); ${remedy}.`);
    }
  }

  // The bytes of one date, of the picture or of the left one; null where they are not here.
  frame(index, whose = "bytes") {
    const { content, start, count } = this.data;
    const bytes = this.loaded?.content === content ? this.loaded[whose] : null;
    if (!bytes || index < start || index >= start + count) return null;
    const size = bytes.length / count;
    return bytes.subarray((index - start) * size, (index - start + 1) * size);
  }

  draw() {
    const { index, keyed } = this;
    const [pixel, hover] = [keyed?.at ?? this.pixel, keyed?.at ?? this.hover];
    const box = keyed?.box ?? this.box ?? this.data.box;
    const told = keyed?.told ?? (this.offered ? "Enter steers a mark over the picture" : "");
    this.view.draw({ index, bytes: this.frame(index), left: this.frame(index, "leftBytes"), pixel, hover, box, told });
    announce(this.data.dates[this.index]);
  }

  // ---------------------------------------------------------- gestures
  key(event) {
    const act = {
      ArrowLeft: () => this.step(-1, event.shiftKey),
      ArrowRight: () => this.step(1, event.shiftKey),
      PageUp: () => this.year(1),
      PageDown: () => this.year(-1),
      Home: () => this.go(0),
      End: () => this.go(this.times.length - 1),
      " ": () => this.play(!this.timers.play),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.tagName === "BUTTON") return; // the button acts itself
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  // To the next usable date in a direction, or with `any` to the next date whatever.
  step(direction, any = false) {
    const next = this.next(direction, any);
    if (next !== null) this.go(next);
  }

  next(direction, any = false) {
    for (let i = this.index + direction; i >= 0 && i < this.times.length; i += direction) {
      if (any || this.usable(i)) return i;
    }
    return null;
  }

  // The same season of the year after or before.
  year(direction) {
    this.go(nearest(this.times, this.times[this.index] + direction * YEAR_MS, this.usable));
  }

  play(on) {
    if (on === Boolean(this.timers.play)) return;
    clearInterval(this.timers.play);
    this.timers.play = on ? setInterval(() => this.tick(), FRAME_MS) : null;
    this.view.playing(on);
    if (!on) this.report();
  }

  tick() {
    if (!this.frame(this.index)) return; // its block is on its way
    this.go(this.next(1) ?? nearest(this.times, this.times[0], this.usable));
  }

  grab(event) {
    this.view.timeline.setPointerCapture(event.pointerId);
    this.play(false);
    this.go(this.dateAt(event));
  }

  // The date under a pointer: a usable one where there is one in reach.
  dateAt(event) {
    const { time, perPixel } = this.view.timeAt(event);
    const usable = nearest(this.times, time, this.usable);
    return Math.abs(this.times[usable] - time) <= SNAP_PX * perPixel ? usable : nearest(this.times, time);
  }

  point(pixel) {
    this.hover = pixel;
    this.view.drawReadout(this.hover ?? this.pixel, this.frame(this.index), this.frame(this.index, "leftBytes"));
  }

  swipeKey(event) {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    event.stopPropagation(); // the date stays
    this.view.swipe(this.view.split + direction * SWIPE_KEY);
  }

  // The picture without a pointer: Enter begins, arrows move a mark, Space begins a box, Enter takes, Escape leaves.
  steer(event) {
    const { keyed } = this;
    const { rows, cols } = this.data.grid;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && keyed) this.takeKeyed();
    else if (event.key === "Enter") this.keyed = new Steering(rows, cols, this.pixel, this.data.drawable);
    else if (event.key === "Escape" && keyed && !keyed.corner) this.keyed = null;
    else if (!keyed?.press(event)) return;
    event.preventDefault();
    event.stopPropagation(); // the date stays
    this.draw();
  }

  takeKeyed() {
    const { at, box } = this.keyed;
    this.keyed = null;
    if (!box) return this.select(at);
    this.box = box;
    this.tellBox(box);
  }

  offerKeys(offered) {
    [this.keyed, this.offered] = [null, offered];
    if (this.data) this.draw();
  }

  // A box is drawn with a mouse or a pen; a finger scrolls the page.
  beginBox(event) {
    this.drawn = false;
    if (!this.data.drawable || event.button !== 0 || event.pointerType === "touch") return;
    this.corner = { pixel: this.view.pixelAt(event), x: event.clientX, y: event.clientY };
    this.view.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    const pixel = this.view.pixelAt(event);
    this.point(pixel);
    if (!this.corner) return;
    this.drawn ||= Math.hypot(event.clientX - this.corner.x, event.clientY - this.corner.y) >= DRAWN_PX;
    if (this.drawn) this.stretchBox(pixel);
  }

  stretchBox(pixel) {
    this.box = boxOf(this.corner.pixel, pixel);
    this.view.drawBox(this.box);
  }

  // `pixel` null: the gesture came to nothing.
  endBox(pixel) {
    if (!this.corner) return;
    if (this.drawn && pixel) {
      this.stretchBox(pixel);
      this.tellBox(this.box);
    } else {
      this.box = null;
    }
    this.corner = null;
  }

  go(index) {
    if (index === this.index) return;
    this.index = index;
    this.date = this.data.dates[index];
    this.changed();
    if (!this.frame(index)) this.report();
    else if (!this.timers.play) this.timers.settle = setTimeout(() => this.report(), SETTLE_MS);
  }

  select(pixel) {
    this.pixel = pixel;
    this.changed();
    this.report();
  }

  changed() {
    this.seq += 1;
    this.unreported = true;
    clearTimeout(this.timers.settle);
    this.draw();
  }

  report() {
    clearTimeout(this.timers.settle);
    if (!this.unreported) return;
    this.unreported = false;
    this.send({ date: this.date, pixel: this.pixel, seq: this.seq });
  }
}
