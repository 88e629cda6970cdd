(() => {
  "use strict";
  const words = {};  // the sentences of the page: script.py writes them here
  let clicks = 0;
  let parcel = null;    // the file that was last handed over

  // A button "act" says in its id which hidden field it writes to, and what.
  const act = (button) => {
    const dash = button.id.indexOf("-");
    const name = button.id.slice(0, dash);
    const field = document.querySelector(`#act-${name} textarea, #act-${name} input`);
    if (!field || (button.classList.contains("sure") && !confirm(words.sure))) return;
    clicks += 1;        // the field must change for the server to hear of it
    field.value = `${button.id.slice(dash + 1)} ${clicks}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    for (const other of button.closest(".rating")?.querySelectorAll("button") ?? []) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  };

  // A file to save comes as encoded text that is not shown; its name is the title.
  const save = () => {
    const now = document.querySelector("#parcel pre.parcel");
    if (!now || now === parcel) return;
    parcel = now;
    const link = document.createElement("a");
    const text = decodeURIComponent(now.textContent);
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = now.title;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  // A drawing comes encoded, too, since the toolkit would leave it out.
  const draw = () => {
    for (const code of document.querySelectorAll("pre.drawing")) {
      const parsed = new DOMParser().parseFromString(
        decodeURIComponent(code.textContent), "text/html");
      code.replaceWith(...parsed.body.childNodes);
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button.act");
    if (button) act(button);
  });
  new MutationObserver(() => {
    save();
    draw();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
