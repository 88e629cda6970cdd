(() => {
  "use strict";
  const words = {};  // the sentences of the page: script.py writes them here
  const links = 'a[href^="#cite-"], a[href^="#near-"], a[href^="#cards-"]';
  let clicks = 0;
  let opened = false;   // a person has opened a source, and it is still to be shown
  let shown = null;     // what the panel showed when it was last looked at

  const panel = () => document.getElementById("panel");

  // Hand something to the server: a hidden field must change for it to hear of it.
  const tell = (id, text) => {
    const field = document.querySelector(`#${id} textarea, #${id} input`);
    if (!field) return;
    clicks += 1;
    field.value = `${text} ${clicks}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const open = (target) => {
    tell("target", target);
    opened = true;
    setTimeout(show, 800);  // where the panel shows this source already, nothing will change
  };

  const show = () => {
    const box = panel();
    const now = box && box.querySelector(".panel");
    if (!now || !opened) return;
    opened = false;
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const behavior = smooth ? "smooth" : "auto";
    if (box.getBoundingClientRect().left < 40) {       // the panel is below the conversation
      box.scrollIntoView({ block: "start", behavior });
    }
    const heading = now.querySelector("h2");
    if (heading) heading.focus({ preventScroll: true });
    const cited = now.querySelector("#cited");
    const scroller = box.scrollHeight > box.clientHeight + 1 ? box : null;
    if (cited && scroller) {
      const gap = cited.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTo({ top: box.scrollTop + gap - box.clientHeight / 3, behavior });
    } else if (cited) {
      cited.scrollIntoView({ block: "center", behavior });
    } else if (scroller) {
      box.scrollTo({ top: 0, behavior });
    }
  };

  const goBack = (id) => {
    const place = document.getElementById(id);
    if (!place) return;
    place.scrollIntoView({ block: "center" });
    place.focus({ preventScroll: true });
  };

  const remove = (button) => {
    const target = button.id.replace("remove-", "");
    // What is deleted for everybody is asked for twice.
    if (target.startsWith("corpus-") && !confirm(button.title)) return;
    tell("removal", target);
  };

  const copy = async (button) => {
    const text = button.parentElement.querySelector(".copy-text").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {           // an address that is neither https nor this machine
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 1600);
  };

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const link = event.target.closest(links);
    if (link) {
      event.preventDefault();
      open(link.getAttribute("href").slice(1));
      return;
    }
    const back = event.target.closest('a[href^="#mark-"], a[href^="#answer-"]');
    if (back) {
      event.preventDefault();
      goBack(back.getAttribute("href").slice(1));
      return;
    }
    const button = event.target.closest("button.copy");
    if (button) copy(button);
    const remover = event.target.closest("button.remove");
    if (remover) remove(remover);
  });

  // Names for what the toolkit leaves nameless, or reads out as HTML.
  const name = () => {
    const names = {
      "#question .submit-button": words.send,
      "#question .stop-button": words.stop,
      '[data-testid="bot"][aria-label*="<"]': words.answer,
    };
    for (const [selector, text] of Object.entries(names)) {
      for (const element of document.querySelectorAll(selector)) {
        if (element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
      }
    }
    const box = panel();
    if (box && !box.hasAttribute("role")) {
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", words.sources);
      box.tabIndex = 0;  // a region that scrolls must be reachable with the keyboard
    }
  };

  new MutationObserver(() => {
    name();
    const now = panel() && panel().querySelector(".panel");
    if (now && now !== shown) {
      shown = now;
      show();
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
