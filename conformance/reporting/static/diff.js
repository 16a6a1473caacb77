const search = document.getElementById("q");
const groups = [...document.querySelectorAll(".change")];

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const group of groups) {
    const text = group.textContent.toLowerCase();
    const keep = words.every((word) => text.includes(word));
    group.classList.toggle("hidden", !keep);
    shown += keep ? 1 : 0;
  }
  for (const section of document.querySelectorAll("section[id]")) {
    section.classList.toggle("hidden", !section.querySelector(".change:not(.hidden)"));
  }
  document.getElementById("shown").textContent = words.length ? `${shown} of ${groups.length} shown` : "";
}

search.addEventListener("input", filter);
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (!isTyping(event) && event.key === "/") {
    event.preventDefault();
    search.focus();
  }
});
goToHash();
