const search = document.getElementById("q");
const level = document.getElementById("level");
const operation = document.getElementById("operation");
const clear = document.getElementById("clear");
const toggles = [...document.querySelectorAll(".toggles button")];
const leaves = [...document.querySelectorAll(".leaf")].map((element) => ({
  element,
  text: null,
  listed: Boolean(element.closest("#requirements")),
  outcome: element.closest("[data-o]").dataset.o,
  level: element.closest("[data-l]").dataset.l,
  operation: element.dataset.op,
}));
const boxes = [...document.querySelectorAll(".req, .row, .by, .area, .reason, .fold, section.filtered")].reverse();
const causes = [...document.querySelectorAll(".cause")];
const total = leaves.filter((leaf) => leaf.listed).length;

function textOf(leaf) {
  if (leaf.text === null) {
    const box = leaf.element.closest(".req, .row");
    leaf.text = `${leaf.element.textContent} ${box ? box.querySelector("summary").textContent : ""}`.toLowerCase();
  }
  return leaf.text;
}

function wanted() {
  return {
    words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
    outcomes: new Set(toggles.filter((t) => t.getAttribute("aria-pressed") === "true").map((t) => t.dataset.outcome)),
    level: level.value,
    operation: operation.value,
  };
}

function matches(leaf, want) {
  return (!want.outcomes.size || want.outcomes.has(leaf.outcome))
    && (!want.level || leaf.level === want.level)
    && (!want.operation || leaf.operation === want.operation)
    && want.words.every((word) => textOf(leaf).includes(word));
}

function filter() {
  const want = wanted();
  const active = Boolean(want.words.length || want.outcomes.size || want.level || want.operation);
  let shown = 0;
  for (const leaf of leaves) {
    const keep = !active || matches(leaf, want);
    leaf.element.classList.toggle("hidden", !keep);
    if (keep && leaf.listed) shown += 1;
  }
  for (const cause of causes) cause.classList.toggle("hidden", active && !causeMatches(cause, want));
  for (const box of boxes) box.classList.toggle("hidden", active && !box.querySelector(".leaf:not(.hidden), .cause:not(.hidden)"));
  for (const row of document.querySelectorAll("[data-row-op]")) {
    row.classList.toggle("hidden", Boolean(want.operation) && row.dataset.rowOp !== want.operation);
  }
  for (const body of document.querySelectorAll(".endpoints tbody")) {
    body.classList.toggle("hidden", !body.querySelector("[data-row-op]:not(.hidden)"));
  }
  clear.hidden = !active;
  document.getElementById("shown").textContent = active ? `${shown.toLocaleString("en")} of ${total.toLocaleString("en")} results` : "";
  remember(want);
}

function causeMatches(cause, want) {
  const outcome = cause.dataset.o;
  const text = cause.textContent.toLowerCase();
  return (!want.outcomes.size || want.outcomes.has(outcome))
    && (!want.operation || text.includes(want.operation.toLowerCase()))
    && !want.level
    && want.words.every((word) => text.includes(word));
}

function remember(want) {
  const query = new URLSearchParams();
  if (search.value) query.set("q", search.value);
  if (want.outcomes.size) query.set("outcome", [...want.outcomes].join(","));
  if (want.level) query.set("level", want.level);
  if (want.operation) query.set("operation", want.operation);
  try {
    history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
  } catch { /* some viewers forbid it */ }
}

function recall() {
  const query = new URLSearchParams(location.search);
  search.value = query.get("q") || "";
  const outcomes = (query.get("outcome") || "").split(",");
  for (const toggle of toggles) toggle.setAttribute("aria-pressed", String(outcomes.includes(toggle.dataset.outcome)));
  level.value = query.get("level") || "";
  operation.value = query.get("operation") || "";
}

function reset() {
  search.value = "";
  level.value = "";
  operation.value = "";
  for (const toggle of toggles) toggle.setAttribute("aria-pressed", "false");
  filter();
}

function step(by) {
  const cards = [...document.querySelectorAll(".card:not(.hidden)")].filter((card) => !card.closest(".hidden"));
  if (!cards.length) return;
  const now = cards.indexOf(document.activeElement.closest(".card"));
  const next = cards[now < 0 ? (by > 0 ? 0 : cards.length - 1) : Math.min(cards.length - 1, Math.max(0, now + by))];
  reveal(next);
  next.querySelector("h4 a").focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
}

for (const toggle of toggles) {
  toggle.addEventListener("click", () => {
    toggle.setAttribute("aria-pressed", String(toggle.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}
let waiting = 0;
search.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(filter, 80);
});
for (const select of [level, operation]) select.addEventListener("change", filter);
clear.addEventListener("click", reset);
document.getElementById("filters").addEventListener("submit", (event) => { event.preventDefault(); filter(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.getElementById("help").open) {
    reset();
    search.blur();
  }
  if (isTyping(event)) return;
  if (event.key === "/") {
    event.preventDefault();
    search.focus();
  } else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "?") document.getElementById("help").showModal();
});
addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll(".req, .req details")) box.open = true;
});
recall();
if (location.search) filter();
goToHash();
