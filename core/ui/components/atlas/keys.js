// Steps over a map by the keyboard.

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const LEAP = 10; // pixels at once, with Shift

// Rows and columns that a key leads on; undefined where it leads nowhere.
const steps = ({ key, shiftKey }) => ARROWS[key]?.map((one) => one * (shiftKey ? LEAP : 1));

const clamped = (place, count) => Math.min(count - 1, Math.max(0, place));
