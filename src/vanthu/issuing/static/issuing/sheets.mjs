// The pages of the viewer as ground for things laid over them. PDF.js empties a page whenever it draws it anew, so
// whatever lies there is laid again then.

export const viewer = document.querySelector("[data-viewer]");

export const sheetOf = (number) => viewer.querySelector(`.page[data-page-number="${number}"]`);

// The layer over a page, made when first asked for; null while the page does not exist yet.
export const layerOf = (number) => {
  const sheet = sheetOf(number);
  if (!sheet) return null;
  let layer = sheet.querySelector(":scope > .sheet-layer");
  if (!layer) {
    layer = document.createElement("div");
    layer.className = "sheet-layer";
    sheet.append(layer);
  }
  return layer;
};

export const onPage = (act) => viewer.addEventListener("viewer:page", ({ detail }) => act(detail.number));

export const goTo = (number) => {
  const page = viewer.querySelector("[data-page]");
  page.value = String(number);
  page.dispatchEvent(new Event("change"));
};

export const pageInView = () => Number(viewer.querySelector("[data-page]").value) || 1;

export const lay = (element, { left, top, width, height }) => {
  const share = (value) => `${(100 * value).toFixed(4)}%`;
  element.style.setProperty("left", share(left));
  element.style.setProperty("top", share(top));
  element.style.setProperty("width", share(width));
  element.style.setProperty("height", share(height));
};
