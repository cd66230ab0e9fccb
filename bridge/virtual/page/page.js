// Draws the readers anew when something changed on them; what the person is choosing just now stays chosen.
async function watch() {
  let drawn = "";
  for (;;) {
    try {
      const answer = await fetch("/state?" + new URLSearchParams({ drawn }));
      if (!answer.ok) throw new Error(answer.statusText);
      const now = await answer.text();
      if (drawn !== "" && now !== drawn) {
        const next = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
        const before = document.activeElement;
        document.querySelector("#readers").replaceWith(next.querySelector("#readers"));
        const after = before.id && document.getElementById(before.id);
        if (after && after !== before) {
          if (before.matches("select, input")) after.value = before.value;
          after.focus();
        }
      }
      drawn = now;
    } catch {
      await new Promise((resume) => setTimeout(resume, 2000));
    }
  }
}

// Each button leads to a new page; the focus stays with it, or with its neighbour should it be gone.
addEventListener("submit", (e) => sessionStorage.setItem("pressed", e.submitter?.id ?? ""));
const pressed = sessionStorage.getItem("pressed");
sessionStorage.removeItem("pressed");
if (pressed) {
  const reader = pressed.split("-").pop();
  const place = [pressed, "lay-" + reader, "plug-" + reader].map((id) => document.getElementById(id)).find((e) => e);
  place?.focus();
}

watch();
