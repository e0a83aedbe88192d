// Leads the keyboard into a dialog that opens, and to the field that was refused.
"use strict";

(() => {
  const field = ":is(input:not([type=hidden]), select, textarea)";

  document.addEventListener("htmx:afterSettle", () => {
    const dialog = document.getElementById("dialog");
    const refused = dialog?.querySelector(`.errors ${field}`);
    (refused ?? dialog?.querySelector(field))?.focus();
  });
})();
