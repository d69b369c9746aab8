// Elements are made by calls and text goes in as text: nothing on this page is ever parsed as HTML.

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element: attributes (on... are listeners, null is left out) and children (text or elements). */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'vars') for (const [name, v] of Object.entries(value)) element.style.setProperty(name, v);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** What stands for the value of an element beside what it says: changes it only when it differs. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of an element those of a list, keeping the elements of those that stay, so that focus, selection
 * and scroll positions live through an update.
 */
export function keyed(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let at = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let child = old.get(key);
    if (child) old.delete(key);
    else {
      child = make(item);
      child.dataset.key = key;
    }
    update(child, item);
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
  for (const gone of old.values()) gone.remove();
}

/** A row of page buttons; nothing where one page is all. */
export function pager(view, onPage) {
  if (view.pages <= 1) return [];
  return [
    h('button', { type: 'button', 'aria-disabled': view.page === 0 ? 'true' : null, onclick: () => view.page > 0 && onPage(view.page - 1) }, 'Previous'),
    h('span', {}, `Page ${view.page + 1} of ${view.pages}`),
    h('button', { type: 'button', 'aria-disabled': view.page >= view.pages - 1 ? 'true' : null, onclick: () => view.page < view.pages - 1 && onPage(view.page + 1) }, 'Next'),
  ];
}
