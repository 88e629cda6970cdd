"""The look of the page: CSS over the toolkit's own, in the colours of ``colours``."""

from __future__ import annotations

from rag.page.colours import DARK, LIGHT


def draw_css() -> str:
    """Return the CSS of the page."""
    light = "".join(f"--{name}: {value};" for name, value in LIGHT.items())
    dark = "".join(f"--{name}: {value};" for name, value in DARK.items())
    return f":root{{{light}}}\n.dark{{{dark}}}\n{_CSS}"


def draw_head_style() -> str:
    """Return the rules for what is above the page's own parts, where `draw_css` does not reach."""
    return f"<style>{_HEAD_CSS}</style>"


# Clipped instead of hidden, so that what is above an article can stay in view while it scrolls.
_HEAD_CSS = "@media (max-width: 860px) { .gradio-container { overflow: clip !important; } }"

_CSS = """
.gradio-container { background: var(--ground); color: var(--ink); font-size: 16px; }
.gradio-container > main, .gradio-container .fillable { padding: 0 !important; max-width: none; }
.gradio-container > main > .wrap, .gradio-container .column { gap: 0; }
footer { display: none !important; }
/* The page says itself what is going on, and what went wrong. */
#columns [data-testid="status-tracker"] { display: none !important; }
.gradio-container .prose { font-size: inherit; color: inherit; }
.gradio-container .prose * { color: inherit; }
.gradio-container a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--accent) !important; outline-offset: 2px; }
h2:focus-visible, .answer:focus-visible { outline: none !important; }
.number {
  display: inline-grid; place-content: center; min-width: 20px; height: 20px; padding: 0 5px;
  border-radius: 10px; background: var(--accent); color: var(--on-accent) !important;
  font-size: 12px; font-weight: 700; font-variant-numeric: tabular-nums;
}
.about {
  color: var(--muted) !important; font-size: 13px; line-height: 1.45; overflow-wrap: anywhere;
}
.about span:not(:last-child)::after { content: " · "; }
.fold > summary {
  width: fit-content; cursor: pointer; color: var(--muted); font-size: 13px; line-height: 1.7;
}
.fold > summary:hover { color: var(--ink); }
.fold dl {
  display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 14px;
  margin: 6px 0 0; font-size: 13px; line-height: 1.45;
}
.fold dt { color: var(--muted); font-weight: 400; }
.fold dd { margin: 0; overflow-wrap: anywhere; }
mark.cited {
  padding: 1px 2px; border-radius: 3px; background: var(--mark); color: var(--on-mark) !important;
  box-decoration-break: clone; -webkit-box-decoration-break: clone;
}

/* the line at the top */
#top {
  flex-wrap: nowrap; align-items: center; gap: 24px; min-height: 56px; padding: 8px 24px;
  border-bottom: 1px solid var(--line); background: var(--surface);
}
#top > * { flex: 0 0 auto; width: auto; min-width: 0 !important; }
#title div { display: flex; align-items: baseline; gap: 14px; }
#title h1 { margin: 0; font-size: 20px; font-weight: 750; letter-spacing: -0.015em; }
#title h1::after {
  content: "1"; margin-left: 2px; color: var(--accent); font-size: 12px; vertical-align: super;
}
#title p { margin: 0; color: var(--muted); font-size: 14px; }
#top > #status { flex: 1 1 0; overflow: visible !important; }
.status {
  display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 2px 16px;
  color: var(--muted); font-size: 13px; line-height: 1.7;
}
.status.failed { color: var(--warn); font-weight: 600; overflow-wrap: anywhere; }
.status .fold { position: relative; }
.status .fold > ul {
  position: absolute; right: 0; z-index: 20; width: min(420px, 80vw); max-height: 50vh;
  margin: 6px 0 0; padding: 10px 14px 10px 28px; overflow: auto; overflow-wrap: anywhere;
  border: 1px solid var(--line); border-radius: 10px; background: var(--surface);
  color: var(--ink); box-shadow: 0 8px 24px rgb(0 0 0 / 18%);
}
.status.busy span::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 8px;
  border-radius: 50%; background: var(--accent); animation: breathe 1.4s ease-in-out infinite;
}
@keyframes breathe { 50% { opacity: 0.25; } }
#clear { border: 1px solid var(--line); border-radius: 8px; padding: 6px 12px; font-size: 13px; }

/* the two columns */
#columns {
  display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1.4fr) minmax(320px, 1fr);
  gap: 0; height: calc(100dvh - 57px); align-items: stretch;
}
#conversation, #side { min-width: 0 !important; height: 100%; }
#conversation { display: flex; flex-direction: column; padding: 0 24px 14px; }
#side { border-left: 1px solid var(--line); background: var(--surface); }

/* the conversation */
#chat {
  flex: 1 1 0; min-height: 0; height: auto !important; border: 0; background: none;
  overflow: hidden !important;
}
#chat .icon-button-wrapper.top-panel { display: none; }
#chat .bubble-wrap { padding: 20px 4px 8px; scrollbar-width: thin; background: none; }
#chat .message-wrap, #conversation > #question, #conversation > #again {
  width: 100%; max-width: 780px; margin-inline: auto;
}
#chat .message-row.bubble { margin: 0; max-width: 100%; }
#chat .user-row { align-self: flex-end; max-width: 85% !important; }
#chat .user-row:not(:first-child) { margin-top: 22px; }
#chat .bot-row { align-self: stretch; }
#chat .message.user {
  padding: 10px 16px; border: 0; border-radius: 18px 18px 4px 18px; box-shadow: none;
  background: var(--soft); color: var(--ink); overflow-wrap: anywhere;
}
#chat .message.bot { padding: 0; border: 0; background: none; box-shadow: none; }
#chat .message-buttons .icon-button-wrapper { margin: 2px 0; border: 0; background: none; }
#chat .message-buttons { opacity: 0.65; transition: opacity 0.15s; }
#chat .message-buttons:is(:hover, :focus-within) { opacity: 1; }
#chat .edit-textarea { min-width: min(420px, 60vw); color: var(--ink); }
.answer { font-size: 16px; line-height: 1.65; }
.answer-text > :is(p, ul) { margin: 0 0 10px; }
.answer-text > ul { padding-left: 22px; list-style: disc; }
.answer-text .unsupported { color: var(--muted); text-decoration: line-through; }
.answer-text li { margin: 3px 0; }
#chat .cite {
  display: inline-grid; place-content: center; min-width: 18px; height: 18px; padding: 0 4px;
  border-radius: 9px; background: var(--soft); color: var(--accent); font-size: 11.5px;
  font-weight: 700; line-height: 1; text-decoration: none; vertical-align: 3px;
}
#chat .cite:is(:hover, :focus-visible) { background: var(--accent); color: var(--on-accent); }
.chips {
  display: flex; flex-wrap: wrap; gap: 6px; margin: 4px 0 8px; padding: 0; list-style: none;
}
.chips li { display: contents; }
#chat .chip {
  display: inline-flex; align-items: center; gap: 7px; max-width: 100%; padding: 4px 12px 4px 5px;
  border: 1px solid var(--line); border-radius: 16px; background: var(--surface);
  color: var(--ink); font-size: 13px; line-height: 1.4; text-decoration: none;
}
#chat .chip:hover { border-color: var(--accent); }
#chat .abstained .chip { padding-left: 12px; }
.abstained {
  padding: 14px 16px 10px; border: 1px dashed var(--muted); border-radius: 12px;
  background: var(--raised);
}
.abstained .answer-text { font-weight: 600; }
.abstained .more { margin: 0 0 8px; color: var(--muted); font-size: 14px; }
.answer .note, p.note {
  margin: 0 0 8px; padding: 8px 12px; border-left: 3px solid var(--accent); border-radius: 4px;
  background: var(--raised); font-size: 14px; line-height: 1.5; overflow-wrap: anywhere;
}
.answer .foot {
  display: flex; align-items: flex-start; justify-content: space-between; gap: 12px;
}
.copy {
  flex: 0 0 auto; padding: 2px 10px; border: 1px solid var(--line); border-radius: 7px;
  background: var(--surface); color: var(--muted) !important; font-size: 13px; cursor: pointer;
}
.copy:hover { color: var(--ink) !important; border-color: var(--muted); }
pre.copy-text { display: none !important; }
#chat .placeholder-content { padding-top: 3vh; }
#chat .placeholder { text-align: center; }
#chat .placeholder h2 {
  margin: 0; font-size: 26px; font-weight: 700; letter-spacing: -0.02em; color: var(--ink);
}
#chat .placeholder p { color: var(--muted); font-size: 15px; }
#chat .examples { gap: 10px; padding: 0; max-width: 680px; margin: 24px auto 0; }
#chat .example {
  border: 1px solid var(--line); border-radius: 12px; background: var(--surface);
  color: var(--ink);
}
#chat .example:hover { border-color: var(--accent); background: var(--surface); }
#chat .example-text { font-size: 14px; color: var(--ink); }

/* where a question is typed */
#question { flex: 0 0 auto; padding: 0; border-radius: 16px; overflow: visible; }
#question .input-container {
  align-items: end; padding: 5px; border: 1px solid var(--line); border-radius: 16px;
  background: var(--surface); box-shadow: 0 1px 6px rgb(0 0 0 / 6%);
}
#question .input-container:focus-within {
  border-color: var(--accent); box-shadow: 0 0 0 3px var(--soft);
}
#question textarea {
  padding: 9px 12px !important; border: 0; background: none; box-shadow: none;
  outline: none !important;
  color: var(--ink); font-size: 16px; line-height: 1.45;
}
#question button {
  width: 38px; height: 38px; margin: 0; border-radius: 12px; border: 0;
  background: var(--accent); color: var(--on-accent);
}
#again { flex: 0 0 auto; border: 0; background: none; padding: 6px 4px 0; }
#again :is(.block, .form, .gap) { border: 0; background: none; padding: 0; gap: 8px; }
#again label > span { color: var(--muted); font-size: 13px; font-weight: 400; }
#again textarea {
  padding: 8px 12px; border: 1px solid var(--line); border-radius: 10px;
  background: var(--surface); color: var(--ink); font-size: 14px;
}
#again button:not(.label-wrap) {
  align-self: flex-start; width: auto; padding: 6px 12px; border: 1px solid var(--line);
  border-radius: 8px; margin-top: 8px; font-size: 13px;
}
#again > button { width: fit-content; gap: 8px; color: var(--muted); font-size: 13px; }

/* the panel of sources */
#panel { height: 100%; padding: 20px 24px 48px; overflow-y: auto; scrollbar-width: thin; }
.panel { font-size: 15px; line-height: 1.6; }
.panel h2 { margin: 0 0 4px; font-size: 17px; font-weight: 700; letter-spacing: -0.01em; }
.panel h2 .number { margin-right: 8px; vertical-align: 2px; }
.panel .asked, .panel .more { margin: 0 0 16px; color: var(--muted); font-size: 14px; }
.panel > h3 { margin: 20px 0 8px; font-size: 14px; font-weight: 650; color: var(--muted); }
.articles { margin: 0; padding: 0; list-style: none; }
.articles li { padding: 10px 0; border-top: 1px solid var(--line); }
.articles .title { display: block; font-weight: 600; line-height: 1.4; }
.card {
  margin: 0 0 14px; padding: 14px 16px 12px; border: 1px solid var(--line); border-radius: 12px;
  background: var(--surface);
}
.card > h3 {
  display: flex; gap: 9px; margin: 0 0 2px; font-size: 15px; font-weight: 650; line-height: 1.35;
}
.card > h3 .number { flex: 0 0 auto; }
.card > h3 a { color: var(--ink); text-decoration: none; }
.card > h3 a:hover { text-decoration: underline; }
.card .about { margin: 0 0 8px; }
.card .where { margin: 0 0 4px; font-size: 13px; font-weight: 600; }
.passage { font-size: 14.5px; line-height: 1.6; }
.passage > * { margin: 0 0 8px !important; }
.passage :is(h3, h4, h5, h6) { font-size: 13px; font-weight: 650; }
.card .foot {
  display: flex; flex-wrap: wrap; align-items: flex-start; justify-content: space-between;
  gap: 4px 12px;
}
.card .open { font-size: 13px; line-height: 1.7; }
.nearest .card, .others .card { border-style: dashed; background: none; }
.nearest .passage, .others .passage {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 5; overflow: hidden;
}
.others > summary { margin-bottom: 10px; }
.ways {
  position: sticky; top: -20px; z-index: 2; display: flex; gap: 18px;
  margin: -20px -24px 8px; padding: 12px 24px; background: var(--surface); font-size: 13px;
}
.ways a:first-child::before { content: "← "; }
.reader > h2 { font-size: 20px; line-height: 1.3; }
.reader > .about { margin: 0 0 18px; }
.reader .text > p { margin: 0 0 12px; }
.reader .text > :is(h3, h4, h5, h6) { margin: 20px 0 6px; font-size: 15px; font-weight: 700; }

@media (max-width: 860px) {
  #top { flex-wrap: wrap; gap: 2px 12px; padding: 8px 16px; }
  #title { flex: 1 1 auto !important; }
  #title p { display: none; }
  #top > #status { flex: 1 1 100%; order: 3; }
  .status { justify-content: flex-start; font-size: 12.5px; }
  .status .fold > ul { right: auto; left: 0; }
  #columns { display: block; height: auto; }
  #conversation { height: calc(100dvh - 84px); min-height: 420px; padding: 0 14px 10px; }
  #side { height: auto; border-left: 0; border-top: 1px solid var(--line); }
  #panel { height: auto; padding: 18px 16px 40px; scroll-margin-top: 8px; }
  #panel, #panel > * { overflow: visible !important; }
  .ways { top: 0; margin: -18px -16px 8px; padding: 12px 16px; }
  #chat .user-row { max-width: 92% !important; }
  #chat .examples { grid-template-columns: 1fr; }
}
@media (prefers-reduced-motion: reduce) {
  * { animation: none !important; transition: none !important; }
}
"""
