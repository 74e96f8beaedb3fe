// Looks at the documentation page in Chromium, as a desktop and as a phone shows it. Arguments: its URL, Chromium's path.
import puppeteer from "puppeteer-core";

const [url, executablePath] = process.argv.slice(2);
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await puppeteer.launch({ executablePath, headless: true, args });
const problems = [];
for (const [name, width, height] of [["desktop", 1280, 900], ["phone", 375, 812]]) {
  const page = await browser.newPage();
  const note = (text) => problems.push(`${name}: ${text}`);
  page.on("console", (message) => message.type() === "error" && note(message.text()));
  page.on("pageerror", (error) => note(String(error)));
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (target.protocol !== "data:" && target.origin !== new URL(url).origin) note(`asks for ${target}`);
  });
  await page.setViewport({ width, height });
  await page.goto(url);
  const seen = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    lost: [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.getAttribute("href"))
      .filter((href) => href.length > 1 && !document.getElementById(decodeURIComponent(href.slice(1)))),
    sections: document.querySelectorAll("main section, main article").length,
  }));
  if (seen.overflow > 0) note(`scrolls sideways by ${seen.overflow} px`);
  if (seen.lost.length) note(`links to nothing: ${seen.lost.join(", ")}`);
  if (!seen.sections) note("is empty");
}
await browser.close();
for (const problem of problems) console.error(problem);
console.log(problems.length ? "NOT ok" : "ok  the documentation page");
process.exit(problems.length ? 1 : 0);
