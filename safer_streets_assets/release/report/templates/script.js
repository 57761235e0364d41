"use strict";
// Everything can be read without this: it offers a choice of rows, and opens tables for printing.

const opened = [];

function pick(name, choice, status) {
  let shown = 0;
  let tables = 0;
  for (const table of document.querySelectorAll("table")) {
    let found = false;
    for (const row of table.querySelectorAll("tr[data-" + name + "]")) {
      const own = row.getAttribute("data-" + name);
      row.hidden = choice !== "" && own !== choice && own !== "Total";
      if (choice !== "" && own === choice) {
        shown += 1;
        found = true;
      }
    }
    const folded = table.closest("details");
    if (found && folded) {
      folded.open = true;
    }
    tables += found ? 1 : 0;
  }
  for (const mark of document.querySelectorAll("g[data-" + name + "]")) {
    mark.classList.toggle("chosen", choice !== "" && mark.getAttribute("data-" + name) === choice);
  }
  status.textContent =
    choice === "" ? "All rows are shown." : choice + ": " + shown + " rows in " + tables + " tables.";
}

for (const place of document.querySelectorAll("[data-pick]")) {
  const choice = place.querySelector("select");
  const status = place.querySelector("[role=status]");
  place.hidden = false;
  choice.addEventListener("change", () => pick(place.dataset.pick, choice.value, status));
}

window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details:not([open])")) {
    folded.open = true;
    opened.push(folded);
  }
});

window.addEventListener("afterprint", () => {
  for (const folded of opened.splice(0)) {
    folded.open = false;
  }
});
