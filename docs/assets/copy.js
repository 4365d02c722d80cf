// A block of commands with what they print is copied without prompts and without output.
document.addEventListener("DOMContentLoaded", () => {
  for (const block of document.querySelectorAll(".language-console")) {
    const commands = [];
    let goes_on = false;
    for (const line of block.querySelector("code").textContent.split("\n")) {
      if (!line.startsWith("$ ") && !goes_on) continue;
      commands.push(goes_on ? line : line.slice(2));
      goes_on = line.endsWith("\\");
    }
    if (commands.length) block.dataset.copy = commands.join("\n");
  }
});
