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

  // The field for other words to search with, below the conversation.
  const change = () => {
    const box = document.getElementById("again");
    const field = () => box && box.querySelector("textarea");
    const head = box && box.querySelector("button.label-wrap");
    if (head && !head.classList.contains("open")) head.click();
    setTimeout(() => field() && field().focus(), 60);  // once it is unfolded
  };

  const view = (name) => {
    const tab = document.querySelector(`[role="tab"][data-tab-id="${name}"]`);
    if (tab) tab.click();
  };

  // The sentence behind a number, while a pointer or the focus is on it. It can be pointed at
  // itself, and Escape puts it away. The toolkit's cleaning takes aria attributes out of answers,
  // so they are put in here.
  const tip = document.createElement("div");
  tip.id = "cite-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  let leaving = 0;

  const showTip = (mark) => {
    clearTimeout(leaving);
    if (mark.title) {                    // the browser would show it a second time
      mark.dataset.quote = mark.title;
      mark.removeAttribute("title");
    }
    if (!tip.isConnected) (document.querySelector(".gradio-container") || document.body).append(tip);
    tip.textContent = mark.dataset.quote;
    tip.hidden = false;
    mark.setAttribute("aria-describedby", tip.id);
    const at = mark.getBoundingClientRect();
    const left = Math.min(Math.max(at.left - 24, 8), innerWidth - tip.offsetWidth - 8);
    const above = at.top - tip.offsetHeight - 6;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : at.bottom + 6}px`;
  };
  const hideTip = () => {
    clearTimeout(leaving);
    tip.hidden = true;
  };
  const isTip = (place) => place instanceof Element && (tip === place || place.closest(".cite"));

  for (const event of ["mouseover", "focusin"]) {
    document.addEventListener(event, ({ target }) => {
      const mark = target instanceof Element && target.closest("a.cite");
      if (mark) showTip(mark);
      else if (target === tip) clearTimeout(leaving);
    });
  }
  document.addEventListener("mouseout", ({ target, relatedTarget }) => {
    if (!isTip(target) || isTip(relatedTarget)) return;
    leaving = setTimeout(hideTip, 150);  // long enough to reach it
  });
  document.addEventListener("focusout", ({ target }) => { if (isTip(target)) hideTip(); });
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") hideTip(); });
  document.addEventListener("scroll", hideTip, { capture: true, passive: true });

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
    const way = event.target.closest('a[href="#again"], a[href^="#view-"]');
    if (way) {
      event.preventDefault();
      const place = way.getAttribute("href").slice(1);
      if (place === "again") change();
      else view(place.replace("view-", ""));
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
    // The toolkit calls these a list, and has no items in it.
    for (const list of document.querySelectorAll('#chat .examples[role="list"]')) {
      list.setAttribute("role", "group");
      list.setAttribute("aria-label", words.examples);
    }
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
