// What the player does. All frames live in the browser; Python hears of a settled date or a clicked pixel, no more.
// The charts of the page hear of every date that is shown, here in the browser: the event "fluxscape-date" on window.
// Second of the player's two scripts; they become one module.
//
// `data` from Python: {url, start, count, palette, dates, share, channels, grid, label, usable_share, height, content,
// date, pixel, seq}; what they mean stands in player.py. To Python: the state "view" = {date, pixel, seq}. `seq` counts
// the gestures made here and Python sends back the last one it has seen, so that its answer to an older gesture
// never undoes a newer one.

const SETTLE_MS = 45; // after the last step, before Python hears of it
const FRAME_MS = 125; // between two dates while playing
const SNAP_PX = 8; // how far a pointer on the timeline reaches for a usable date
const CACHED_PAYLOADS = 5; // kept in this tab, so that going back to a layer loads nothing
const YEAR_MS = 365.25 * DAY_MS;

const payloads = new Map(); // url -> promise of Uint8Array, the latest used last
const players = new WeakMap(); // root element -> Player

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  if (!players.has(root)) players.set(root, new Player(root));
  const player = players.get(root);
  player.update(data, (view) => setStateValue("view", view));
  // Streamlit also calls this for a superseded update of a component that stays: only a detached one is over.
  return () => root.isConnected || player.stop();
}

function payload(url) {
  const known = payloads.get(url);
  payloads.delete(url);
  payloads.set(url, known ?? download(url));
  for (const old of payloads.keys()) if (payloads.size > CACHED_PAYLOADS) payloads.delete(old);
  return payloads.get(url);
}

async function download(url) {
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    payloads.delete(url); // so that the next update tries again
    throw error;
  }
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
    on(canvas, "click", (event) => this.select(this.view.pixelAt(event)));
    on(canvas, "pointermove", (event) => this.point(this.view.pixelAt(event)));
    on(canvas, "pointerleave", () => this.point(null));
    on(timeline, "pointerdown", (event) => this.grab(event));
    on(timeline, "pointermove", (event) => timeline.hasPointerCapture(event.pointerId) && this.go(this.dateAt(event)));
    on(timeline, "lostpointercapture", () => this.report());
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

  async load({ content, url }) {
    const wanted = () => content === this.data.content; // else something newer was asked for meanwhile
    try {
      const bytes = await payload(url);
      if (!wanted()) return;
      this.loaded = { content, bytes };
      this.draw();
    } catch (error) {
      const remedy = "change the date to try again";
      if (wanted()) this.view.note(`The pictures could not be loaded (${error.message}); ${remedy}.`);
    }
  }

  // The bytes of one date; null where they are not here.
  frame(index) {
    const { content, start, count } = this.data;
    if (this.loaded?.content !== content || index < start || index >= start + count) return null;
    const size = this.loaded.bytes.length / count;
    return this.loaded.bytes.subarray((index - start) * size, (index - start + 1) * size);
  }

  draw() {
    this.view.draw({ index: this.index, bytes: this.frame(this.index), pixel: this.pixel, hover: this.hover });
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
    this.view.drawReadout(this.hover ?? this.pixel, this.frame(this.index));
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
