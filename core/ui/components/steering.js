// Places on a picture, found by the keyboard: arrows lead over it, and two places span a box.

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const LEAP = 10; // pixels at once, with Shift

const clamped = (place, count) => Math.min(count - 1, Math.max(0, place));

// [row, column, row after the last, column after the last] of the box with two pixels in opposite corners.
function boxOf(one, other) {
  const ends = [0, 1].map((axis) => [Math.min(one[axis], other[axis]), Math.max(one[axis], other[axis]) + 1]);
  return [ends[0][0], ends[1][0], ends[0][1], ends[1][1]];
}

const centre = (pixel) => pixel.map((edge) => edge + 0.5);

class Steering {
  // `at`: [row, column] where it begins, else the middle of the picture. `areas`: whether areas can be chosen too.
  constructor(rows, cols, at, areas = true) {
    Object.assign(this, { rows, cols, at: at ?? [rows >> 1, cols >> 1], areas, corner: null });
  }

  // Arrows move, Space puts the corner of an area, Escape takes it away again. Whether the key was one of these.
  press({ key, shiftKey }) {
    const step = ARROWS[key]?.map((one) => one * (shiftKey ? LEAP : 1));
    if (step) this.at = [clamped(this.at[0] + step[0], this.rows), clamped(this.at[1] + step[1], this.cols)];
    else if (key === " " && this.areas) this.corner = this.at;
    else if (key === "Escape" && this.corner) this.corner = null;
    else return false;
    return true;
  }

  // The box from the corner that was put; null where none was.
  get box() {
    return this.corner && boxOf(this.corner, this.at);
  }

  // What the keys do now, for who sees no other sign of it.
  get told() {
    if (this.corner) return "Enter takes the area, Escape drops it";
    return this.areas ? "Enter chooses it, Space begins an area" : "Enter chooses it";
  }
}
