const table = document.querySelector(".matrix");
const bodies = [...table.tBodies];
const search = document.getElementById("q");
const workload = document.getElementById("workload");
const outcome = document.getElementById("outcome");
const differ = document.getElementById("differ");
const all = document.getElementById("all");
const order = ["fail", "waived", "warn", "untestable", "gated", "not_tested", "pass", "absent"];
const opened = new Set();

function rowMatches(row, want) {
  return (!want.differ || row.dataset.differs === "1")
    && (!want.outcome || row.querySelector(`td[data-o="${want.outcome}"]`))
    && want.words.every((word) => row.textContent.toLowerCase().includes(word));
}

function filter() {
  const want = {
    words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
    outcome: outcome.value,
    differ: differ.checked,
  };
  const narrow = Boolean(want.words.length || want.outcome || want.differ);
  let shown = 0;
  for (const body of bodies) {
    const [first, ...rows] = body.rows;
    const self = rowMatches({ dataset: body.dataset, textContent: first.textContent, querySelector: (s) => first.querySelector(s) }, want);
    const hits = rows.filter((row) => rowMatches(row, want));
    const keep = (!workload.value || body.dataset.workload === workload.value) && (!narrow || self || hits.length > 0);
    const open = opened.has(body);
    for (const row of rows) row.classList.toggle("hidden", !open || (narrow && hits.length > 0 && !hits.includes(row)));
    body.classList.toggle("hidden", !keep);
    first.querySelector(".open").setAttribute("aria-expanded", String(open));
    shown += keep ? 1 : 0;
  }
  document.getElementById("shown").textContent = `${shown} of ${bodies.length} operations`;
}

// Lower is worse: by outcome, and within one by how much is broken.
function badness(cell) {
  return order.indexOf(cell.dataset.o) - Number(cell.dataset.broken) / 1e4;
}

function sortBy(column, header) {
  const down = header.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = column < 0
    ? (body) => body.dataset.name
    : (body) => badness(body.rows[0].cells[column + 1]);
  const sorted = [...bodies].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return (x < y ? -1 : x > y ? 1 : bodies.indexOf(a) - bodies.indexOf(b)) * (down ? -1 : 1);
  });
  table.append(...sorted);
}

for (const body of bodies) {
  body.querySelector(".open").addEventListener("click", () => {
    if (!opened.delete(body)) opened.add(body);
    filter();
  });
}
for (const button of table.querySelectorAll(".sort")) {
  button.addEventListener("click", () => sortBy(Number(button.dataset.column), button.closest("th")));
}
all.addEventListener("click", () => {
  const open = opened.size < bodies.length;
  for (const body of bodies) if (open) opened.add(body); else opened.delete(body);
  all.textContent = open ? "Close all" : "Open all";
  all.setAttribute("aria-expanded", String(open));
  filter();
});
for (const control of [search, workload, outcome, differ]) control.addEventListener("input", filter);
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (event.key === "/") {
    event.preventDefault();
    search.focus();
  }
});
filter();
