// What every page shares: local times, and the focus on a form's complaints.

function showLocalTimes(root) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[datetime]:not([data-local])")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.textContent = format.format(moment);
    time.dataset.local = "";
  }
}

showLocalTimes(document);
document.addEventListener("htmx:after:swap", () => showLocalTimes(document));
document.getElementById("errors")?.focus();
