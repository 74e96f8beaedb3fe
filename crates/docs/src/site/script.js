// Finds entries by their words, and copies examples. The page is whole without it.
(() => {
  const box = document.getElementById("search");
  const entries = [...document.querySelectorAll("main article")];
  const words = new Map(entries.map((entry) => [entry, entry.textContent.toLowerCase()]));
  const links = new Map([...document.querySelectorAll("nav li a")].map((link) => [link.hash.slice(1), link.parentElement]));
  const find = () => {
    const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const entry of entries) {
      const hit = wanted.every((word) => words.get(entry).includes(word));
      entry.hidden = !hit;
      const link = links.get(entry.id);
      if (link) link.hidden = !hit;
      found += hit;
    }
    for (const section of document.querySelectorAll("main section")) {
      section.hidden = !section.querySelector("article:not([hidden])");
    }
    document.getElementById("found").textContent = wanted.length ? `${found} found` : "";
  };
  if (box) {
    box.parentElement.hidden = false;
    box.addEventListener("input", find);
    addEventListener("hashchange", () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target && target.closest("[hidden]")) {
        box.value = "";
        find();
        target.scrollIntoView();
      }
    });
    addEventListener("keydown", (event) => {
      if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
        event.preventDefault();
        box.focus();
      }
    });
  }
  if (navigator.clipboard) {
    for (const example of document.querySelectorAll("main pre")) {
      const button = document.createElement("button");
      button.textContent = "Copy";
      button.className = "copy";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(example.textContent);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = "Copy"), 1500);
      });
      const frame = document.createElement("div");
      frame.className = "frame";
      example.replaceWith(frame);
      frame.append(example, button);
    }
  }
})();
