/* Fingers: a tap opens the card, a second one the note. Dragging and pinching: 43-gestures.js. */

const TAP_REACH = 24; // CSS pixels around a point that count as the point
const TAP_MOVES = 10; // pixels that a finger may slip
const TAP_LASTS = 700; // milliseconds

class Taps {
  constructor(map) {
    Object.assign(this, { map, fingers: new Set(), down: null });
    const on = (name, fn) => map.plotElement.addEventListener(name, fn);
    on("pointerdown", (event) => this.started(event));
    on("pointermove", (event) => this.down && this.slipped(event) && (this.down = null));
    on("pointerup", (event) => this.ended(event));
    on("pointercancel", (event) => {
      this.fingers.delete(event.pointerId);
      this.down = null;
    });
  }

  started(event) {
    if (event.pointerType !== "touch") return;
    this.fingers.add(event.pointerId);
    const free = this.map.plotted && !event.target.closest("button, a, input, select") && !this.map.root.classList.contains("pd-map--choosing");
    this.down = free && this.fingers.size === 1 ? { x: event.clientX, y: event.clientY, at: event.timeStamp } : null;
  }

  slipped(event) {
    return Math.hypot(event.clientX - this.down.x, event.clientY - this.down.y) > TAP_MOVES;
  }

  ended(event) {
    if (!this.fingers.delete(event.pointerId) || !this.down) return;
    const { map, down } = this, row = map.rowAt(down.x, down.y, TAP_REACH);
    this.down = null;
    if (event.timeStamp - down.at > TAP_LASTS) return;
    if (row >= 0) map.card.clicked(row, null);
    else map.tell("empty", event);
  }
}

function attachTouch(map) {
  if (map.plotElement) return new Taps(map);
}
