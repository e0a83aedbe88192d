// Shows instants where the reader is, with UTC beside it; without scripts UTC remains.
"use strict";

(() => {
  const two = (number) => String(number).padStart(2, "0");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  const localise = (time) => {
    const at = new Date(time.dateTime);
    if (time.dataset.localised || Number.isNaN(at.getTime())) return;
    time.dataset.localised = "yes";
    if (at.getTimezoneOffset() === 0) return;
    const utc = time.textContent;
    const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
    const hour = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
    const beside = document.createElement("small");
    // The day of UTC is told only where it is another.
    beside.textContent = utc.startsWith(day) ? utc.slice(day.length + 1) : utc;
    time.replaceChildren(`${day} ${hour} `, beside);
    time.title = `${day} ${hour} in ${zone}, ${utc}`;
  };

  const localiseAll = () => {
    document.querySelectorAll("time[datetime]").forEach(localise);
  };

  localiseAll();
  document.addEventListener("DOMContentLoaded", localiseAll);
  document.addEventListener("htmx:afterSettle", localiseAll);
})();
