// Draws the page anew when something changed on the readers, unless the person is choosing just now.
async function watch() {
  let drawn = "";
  for (;;) {
    try {
      const answer = await fetch("/state?" + new URLSearchParams({ drawn }));
      const now = await answer.text();
      if (drawn !== "" && now !== drawn) {
        const next = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
        const focused = document.activeElement?.id;
        document.querySelector("#readers").replaceWith(next.querySelector("#readers"));
        if (focused) document.getElementById(focused)?.focus();
      }
      drawn = now;
    } catch {
      await new Promise((resume) => setTimeout(resume, 2000));
    }
  }
}
watch();
