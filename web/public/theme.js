// Before the first paint, and a file of its own: the server's content policy allows no inline script.
document.documentElement.dataset.theme =
  localStorage.getItem("floorbook.theme") ||
  (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
