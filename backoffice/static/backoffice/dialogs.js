// Leads the keyboard into a dialog that opens, and to the field that was refused.
"use strict";

(() => {
  const field = ":is(input:not([type=hidden]), select, textarea)";

  document.addEventListener("htmx:afterSettle", ({ target }) => {
    // Not where something else has come, as in the palette above a dialog.
    const dialog = target.closest("#modal-content");
    const refused = dialog?.querySelector(`.errors ${field}`);
    (refused ?? dialog?.querySelector(field))?.focus();
  });
})();
