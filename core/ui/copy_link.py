"""A button that copies the address of the page. The address is always that of the view, so Python sends nothing."""

from __future__ import annotations

import streamlit as st

HTML = "<button type='button' title='Whoever opens the link sees this site, date and choice'></button>"
CSS = """
button {
  width: 100%; padding: 0.4rem 0.75rem; cursor: pointer; font: inherit; font-size: 0.875rem;
  color: var(--st-text-color); background: transparent;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
button:hover, button:focus-visible { color: var(--st-primary-color); border-color: var(--st-primary-color); }
"""
JS = """
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const say = (text) => { button.textContent = text; };
  say(data);
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      say("Copied");
    } catch {
      window.prompt(data, window.location.href);
    }
    setTimeout(() => say(data), 1500);
  };
}
"""
_button = st.components.v2.component("fluxscape_copy_link", html=HTML, css=CSS, js=JS)


def copy_link(label: str) -> None:
    """Draw the button."""
    _button(data=label, key="copy_link")
