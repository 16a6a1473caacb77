"use strict";
const root = document.documentElement;

function setTheme(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    localStorage.setItem("conformance-theme", theme);
  } catch { /* storage is switched off */ }
  showTheme();
}

function showTheme() {
  const theme = root.dataset.theme || "auto";
  const button = document.getElementById("theme");
  button.querySelector("span").textContent = theme;
  button.setAttribute("aria-label", `Colour theme: ${theme}`);
}

function nextTheme() {
  const order = ["auto", "light", "dark"];
  setTheme(order[(order.indexOf(root.dataset.theme || "auto") + 1) % order.length]);
}

function addCopyButtons() {
  for (const box of document.querySelectorAll(".copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain needs-js";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(box.querySelector("pre").textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(box.querySelector("pre"));
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    box.append(button);
  }
}

function reveal(element) {
  for (let box = element; box; box = box.parentElement) {
    if (box.tagName === "DETAILS") box.open = true;
    box.classList.remove("hidden");
  }
}

function goToHash() {
  let id;
  try {
    id = decodeURIComponent(location.hash.slice(1));
  } catch { return; }
  const target = id && document.getElementById(id);
  if (!target) return;
  reveal(target);
  target.scrollIntoView({ block: "start" });
}

function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
}

showTheme();
addCopyButtons();
document.getElementById("theme").addEventListener("click", nextTheme);
addEventListener("hashchange", goToHash);
document.addEventListener("keydown", (event) => {
  if (!isTyping(event) && event.key === "t") nextTheme();
});
