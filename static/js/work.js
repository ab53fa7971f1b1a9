/* The work page: hands answers over, keeps drafts, counts the time down, and loses nothing when the line is down.

The page, and every fragment that replaces it, has this shape (the server renders it; nothing else is needed):

<main id="work" class="work" data-assignment="ID" data-seconds-left="300" data-next-url="/tasks/PROJECT"
      data-next-media="/media/a /media/b">
  <div class="work-bar"> … <span data-time-left></span> </div>
  <div class="task" hx-ignore> the rendered task template: <crowd-form> … </crowd-form> </div>
  <form id="answer-form" method="post" action="/tasks/ID/answer" hx-post="/tasks/ID/answer"
        hx-target="#work" hx-swap="outerHTML" hx-nonce="NONCE">
    <input type="hidden" name="csrf_token" value="…">
    <input type="hidden" name="token" value="…">
    <input type="hidden" name="answer" value="">
  </form>
</main>

- A reply is taken when it holds an element with id="work", whatever its status: the next task, the same task with a
  message (422), or a page without a task. Any other reply (a proxy's error, a sign-in page) is refused: the answer
  stays in the browser, and a notice offers to send it again.
- A draft is dropped when a reply below 400 brings another assignment than the one that was answered.
- data-seconds-left, data-next-url and data-next-media are optional. Other forms in #work (skip, return) may target
  #work in the same way. */

import "../elements/index.js";
import { make } from "../elements/dom.js";
import { say } from "../elements/words.js";
import { dropDraft, keepDraft, keptDraft, pruneDrafts } from "./drafts.js";
import { startCountdown } from "./time-left.js";

let stopCountdown = () => {};
let unsent = null;

const work = () => document.getElementById("work");
const crowdForm = () => work()?.querySelector("crowd-form");

/** A live region that outlives every swap. */
function announce(sentence) {
  let region = document.getElementById("work-status");
  if (!region) {
    region = make("div", { id: "work-status", role: "status", class: "visually-hidden" });
    document.body.append(region);
  }
  region.textContent = sentence;
}

function begin({ isFirst }) {
  stopCountdown();
  unsent = null;
  const main = work();
  if (!main) return;
  const form = crowdForm();
  const draft = form ? keptDraft(main.dataset.assignment) : null;
  if (draft) {
    form.restore(draft);
    announce(say("draftRestored"));
  } else if (!isFirst) {
    announce(say(form ? "savedNext" : "saved"));
  }
  stopCountdown = startCountdown(main, { announce, onEnd: () => timeIsUp(main) });
  if (!isFirst) main.scrollIntoView({ block: "start", behavior: "instant" });
  putFocus(main, form, isFirst);
  prefetch(main.dataset.nextMedia ?? "");
}

function putFocus(main, form, isFirst) {
  if (isFirst && document.activeElement !== document.body) return;
  if (form) {
    form.focusFirst();
    return;
  }
  const heading = main.querySelector("h1, h2") ?? main;
  heading.setAttribute("tabindex", "-1");
  heading.focus({ preventScroll: true });
}

/** Warms the cache with the next task's pictures and recordings, after this task's own. */
function prefetch(addresses) {
  for (const address of addresses.split(/\s+/).filter(Boolean)) {
    const url = new URL(address, location.href);
    if (url.origin === location.origin) fetch(url, { priority: "low" }).then((reply) => reply.blob()).catch(() => {});
    else new Image().src = url.href;
  }
}

function timeIsUp(main) {
  const link = main.dataset.nextUrl ? make("a", { href: main.dataset.nextUrl }, say("nextTask")) : null;
  showNotice("warn", say("timeIsUp"), link);
}

function showNotice(kind, sentence, action) {
  work().querySelector("[data-work-notice]")?.remove();
  const notice = make("div", { class: `notice ${kind}`, role: "alert", "data-work-notice": true });
  notice.append(make("p", {}, sentence), ...(action ? [action] : []));
  (work().querySelector(".task") ?? work().firstElementChild).before(notice);
}

/** Nothing was taken by the server: the answer stays in place, and can be sent again. */
function keepAnswer(form, status) {
  crowdForm()?.release();
  if (status && status < 500) {
    showNotice("bad", say("notTaken"), make("a", { href: location.href }, say("reload")));
    return;
  }
  unsent = form;
  const reason = navigator.onLine === false ? "offline" : "notSent";
  const button = make("button", { type: "button", class: "button" }, say("sendAgain"));
  button.addEventListener("click", sendAgain);
  showNotice("bad", say(reason), button);
}

function sendAgain() {
  if (!unsent?.isConnected) return;
  const form = unsent;
  unsent = null;
  work().querySelector("[data-work-notice]")?.remove();
  if (form.id === "answer-form") crowdForm().submit();
  else form.requestSubmit();
}

document.addEventListener("crowd-submit", (event) => {
  const form = event.target.closest("#work")?.querySelector("#answer-form");
  if (!form) return;
  form.elements.namedItem("answer").value = JSON.stringify(event.detail.answer);
  window.htmx?.process(form); // a quick key comes before htmx has looked at the new form
  form.requestSubmit();
});

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const form = event.target.closest?.("#work .task crowd-form");
    if (!form || event.target.closest(".crowd-help")) return;
    // A box with the focus says "change" while it is taken away; by then the page shows the next task already.
    keepDraft(form.closest("#work").dataset.assignment, form.draft);
  });
}

const isOurs = (ctx) => Boolean(ctx?.target && (ctx.target === work() || ctx.target === "#work"));

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (!isOurs(ctx)) return;
  const holdsWork = tasks.some((task) => task.fragment?.querySelector?.("#work"));
  if (!holdsWork) {
    event.preventDefault();
    keepAnswer(ctx.sourceElement, ctx.response?.status);
    return;
  }
  ctx.answeredAssignment = work().dataset.assignment;
});

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx?.answeredAssignment === undefined) return;
  const isTaken = ctx.response.status < 400 && work()?.dataset.assignment !== ctx.answeredAssignment;
  if (isTaken) dropDraft(ctx.answeredAssignment);
  begin({ isFirst: false });
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (isOurs(ctx) && !ctx.response) keepAnswer(ctx.sourceElement, 0);
});

window.addEventListener("online", sendAgain);
pruneDrafts();
begin({ isFirst: true });
