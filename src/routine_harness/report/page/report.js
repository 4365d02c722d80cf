"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const BATCH = 200;

  // Everything is put in as text: nothing that an agent or a stranger wrote becomes markup.
  const el = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    }
    for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== "") node.append(child);
    return node;
  };
  const tag = (text) => el("span", { class: `tag ${text}` }, text);
  const table = (head, rows) =>
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": head.join(", ") },
      el("table", {},
        el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, cell)))))));

  const note = (finding, link) => {
    const place = finding.location ? `${finding.location.file}:${finding.location.line}` : "";
    return el("div", { class: `note ${finding.severity}` },
      el("p", {}, tag(finding.severity), " ", el("code", {}, finding.code), " ", el("span", { class: "faint" }, place)),
      el("p", {}, finding.message),
      finding.detail ? el("pre", {}, finding.detail.join("\n")) : null,
      finding.hint ? el("p", { class: "faint" }, `hint: ${finding.hint}`) : null,
      finding.next ? el("p", {}, "next: ", el("code", {}, finding.next)) : null,
      link ? el("p", {}, link) : null);
  };

  // A routine -------------------------------------------------------------------------------------
  const source = (file, written, lint) => {
    const box = el("pre", { class: "source", tabindex: 0, "aria-label": `${file} with lint marks` });
    const marks = new Map();
    for (const finding of lint || []) {
      if (finding.location && finding.location.file !== file) continue;
      const line = finding.location ? finding.location.line : 0;
      marks.set(line, (marks.get(line) || []).concat(finding));
    }
    (written || "").split("\n").forEach((text, index) => {
      const here = marks.get(index + 1) || [];
      const cell = el("span", {});
      let at = 0;
      for (const finding of here.slice().sort((a, b) => a.location.column - b.location.column)) {
        const start = Math.max(at, finding.location.column - 1);
        const end = start + Math.max(1, finding.length);
        cell.append(text.slice(at, start), el("mark", { class: finding.severity, title: `${finding.code}: ${finding.message}` }, text.slice(start, end)));
        at = end;
      }
      cell.append(text.slice(at));
      box.append(el("div", {}, el("span", { class: "no" }, String(index + 1)), cell));
      for (const finding of here) box.append(note(finding));
    });
    return box;
  };

  const drawRoutine = (routine) => {
    const reasons = new Map();
    for (const trigger of routine.triggers) for (const reason of trigger.reasons) reasons.set(reason.code + reason.message, reason);
    const grants = (routine.grants || []).map((grant) => [
      el("span", {}, grant.connector, grant.bindings ? ` (${grant.bindings})` : ""),
      grant.granted ? "granted" : "not granted",
      Object.keys(grant.tools).length ? Object.entries(grant.tools).map(([tool, count]) => `${tool} × ${count}`).join(", ")
        : el("span", { class: "faint" }, "never called in a case"),
    ]);
    return [
      routine.description ? el("p", {}, routine.description) : null,
      el("p", { class: "faint" }, [routine.file, ...(routine.repositories || [])].join(" · ")),
      el("h4", {}, "Triggers"),
      table(["Trigger", "Gate", "Cases that speak for it"], routine.triggers.map((trigger) => [
        trigger.label, tag(trigger.gate), trigger.cases.length ? trigger.cases.join(", ") : el("span", { class: "faint" }, "none"),
      ])),
      reasons.size ? el("h4", {}, "Why it is closed") : null,
      [...reasons.values()].map((reason) => note(reason)),
      (routine.excused || []).map((each) => el("p", {}, `Excused until ${each.expires} by ${each.owner}: ${each.code} (${each.reason})`)),
      el("h4", {}, "Grants, used by cases"),
      table(["Connector", "Grant", "Tools called in first runs"], grants),
      (routine.recordings || []).length ? el("h4", {}, "Recordings") : null,
      (routine.recordings || []).length
        ? table(["Case", "Origin", "Isolation", "Made", "Stale"], routine.recordings.map((r) => [r.case, r.origin, r.isolation.split(" (")[0] || "–", r.recorded || "undated", r.stale.join(", ") || "no"]))
        : null,
      el("h4", {}, "The file, with lint marks"),
      source(routine.file, routine.source, routine.lint),
      routine.prompt_file ? el("h4", {}, "The prompt's file, with lint marks") : null,
      routine.prompt_file ? source(routine.prompt_file.file, routine.prompt_file.source, routine.lint) : null,
    ];
  };

  // A case ----------------------------------------------------------------------------------------
  const SIGNS = { "+": "plus", "-": "minus", "~": "tilde", "!": "bang", "?": "unsure" };
  const effect = (sign, text) => el("span", { class: `effect ${SIGNS[sign] || "plus"}` }, text);

  const drawRun = (run, marked, other) => {
    const same = new Set((other ? other.calls : []).map((call) => call.tool + call.arguments));
    const calls = run.calls.map((call) => {
      const hit = marked.get(`${run.number}.${call.n}`) || [];
      return el("li", {}, el("details", { class: `call${hit.length ? " marked" : ""}${same.has(call.tool + call.arguments) ? " same" : ""}`, open: hit.length > 0 },
        el("summary", {}, el("span", { class: "n" }, String(call.n)),
          el("span", {}, el("code", {}, call.tool), call.error ? " ✗" : "", call.by ? el("span", { class: "faint" }, ` ${call.by}`) : "",
            (call.effects || []).map(([sign, text]) => effect(sign, text)))),
        el("pre", {}, call.arguments),
        el("pre", { class: "faint" }, `${call.error ? "✗" : "→"} ${call.answer}`),
        hit.map((finding) => note(finding))));
    });
    return el("section", { "aria-label": `Run ${run.number}` },
      el("h4", {}, `Run ${run.number}: ${run.status}`, el("span", { class: "faint" }, ` ${run.calls.length} calls${run.tokens ? `, ${run.tokens.toLocaleString("en")} tokens` : ""}`)),
      run.reason ? el("p", { class: "faint" }, run.reason) : null,
      el("ol", {}, calls),
      run.closing ? el("p", {}, "says: ", el("q", {}, run.closing)) : null,
      el("h4", {}, "Changes of the world"),
      run.changes.length ? el("pre", {}, run.changes.join("\n")) : el("p", { class: "faint" }, "none"));
  };

  const drawCase = (entry) => {
    const { test } = entry;
    const marked = new Map();
    const general = [];
    for (const finding of test.findings || []) {
      if (!finding.calls) general.push(finding);
      for (const call of finding.calls || []) {
        const key = `${finding.run || 1}.${call}`;
        marked.set(key, (marked.get(key) || []).concat(finding));
      }
    }
    const runs = test.runs || [];
    return [
      test.description ? el("p", {}, test.description) : null,
      el("p", { class: "faint" }, [test.file, test.event || test.trigger, test.agent].filter(Boolean).join(" · ")),
      test.reason ? el("p", {}, test.reason) : null,
      (test.checks || []).length ? el("p", {}, test.checks.map((check) => [el("span", { class: `tag ${check.outcome}`, title: check.reason || check.outcome }, `::${check.name} ${check.outcome}`), " "])) : null,
      general.map((finding) => note(finding)),
      test.plan && test.plan.length ? el("h4", {}, "Plan of effects") : null,
      (test.plan || []).map((line) => (line.startsWith("  ") ? effect(line.trim()[0], line.trim()) : el("p", {}, line))),
      runs.length ? el("div", { class: "runs" }, runs.map((run, i) => drawRun(run, marked, runs[1 - i]))) : null,
    ];
  };

  // The list of cases -----------------------------------------------------------------------------
  const entries = data.routines.flatMap((routine) => routine.cases.map((test) => ({ routine: routine.name, test })));
  entries.forEach((entry, index) => { entry.index = index; });
  const textOf = (entry) => {
    if (entry.text === undefined) {
      const { test } = entry;
      const said = (test.findings || []).map((f) => `${f.code} ${f.message}`).join(" ");
      const called = (test.runs || []).flatMap((run) => run.calls.map((call) => `${call.tool} ${call.arguments}`)).join(" ");
      entry.text = [entry.routine, test.id, test.file, test.description, test.state, test.reason, said, called].join(" ").toLowerCase();
    }
    return entry.text;
  };
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  const count = document.getElementById("count");
  const [search, state, of] = ["search", "state", "of"].map((id) => document.getElementById(id));
  for (const name of [...new Set(entries.map((e) => e.test.state))].sort()) state.append(el("option", { value: name }, name));
  for (const routine of data.routines) of.append(el("option", { value: routine.name }, routine.name));
  let found = entries;
  let shown = 0;

  const lazily = (node, draw) => {
    node.addEventListener("toggle", () => {
      const body = node.querySelector(":scope > .body");
      if (node.open && !body.hasChildNodes()) body.append(...draw().flat(Infinity).filter(Boolean));
    });
    return node;
  };
  const row = (entry) => lazily(
    el("details", { class: "case", id: `case-${entry.index}` },
      el("summary", {}, tag(entry.test.state), " ", el("strong", {}, entry.test.id), " ", el("span", { class: "faint" }, `${entry.routine} · ${entry.test.trigger}`)),
      el("div", { class: "body" })),
    () => drawCase(entry));
  const showMore = () => {
    list.append(...found.slice(shown, shown + BATCH).map(row));
    shown = Math.min(found.length, shown + BATCH);
    more.hidden = shown >= found.length;
    more.textContent = `Show more cases (${found.length - shown} left)`;
  };
  const refresh = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = entries.filter((entry) =>
      (!state.value || entry.test.state === state.value) && (!of.value || entry.routine === of.value) && words.every((word) => textOf(entry).includes(word)));
    list.replaceChildren();
    shown = 0;
    showMore();
    count.textContent = `${found.length} of ${entries.length} cases`;
  };
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(refresh, 120); });
  state.addEventListener("change", refresh);
  of.addEventListener("change", refresh);
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", showMore);

  for (const node of document.querySelectorAll("details.routine")) lazily(node, () => drawRoutine(data.routines[Number(node.dataset.routine)]));

  // A backtest, where one is given ------------------------------------------------------------------
  const SVG = "http://www.w3.org/2000/svg";
  const charts = document.getElementById("charts");
  if (charts) {
    for (const [name, figures] of Object.entries(data.backtest.routines || {})) {
      const lost = (figures.dropped || 0) + (figures.failed || 0);
      const parts = [["fired", Math.max(0, figures.fired - lost)], ["lost", lost], ["skipped", figures.skipped || 0]];
      const total = parts.reduce((sum, [, value]) => sum + value, 0) || 1;
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("viewBox", "0 0 100 4");
      svg.setAttribute("preserveAspectRatio", "none");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${name}: ${figures.fired} fired, ${lost} of them lost, ${figures.skipped} skipped`);
      let x = 0;
      for (const [kind, value] of parts) {
        const bar = document.createElementNS(SVG, "rect");
        const width = (100 * value) / total;
        for (const [key, at] of [["x", x], ["width", width], ["y", 0], ["height", 4]]) bar.setAttribute(key, at);
        bar.setAttribute("class", kind);
        svg.append(bar);
        x += width;
      }
      charts.append(el("div", { class: "bar" }, el("span", {}, name), svg, el("span", { class: "faint" }, `${figures.fired} fired, ${lost} lost`)));
    }
  }

  // Keys, links, colours, printing -------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && document.activeElement === search && search.value) { search.value = ""; refresh(); }
  });
  const follow = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (target && target.tagName === "DETAILS") { target.open = true; target.querySelector("summary").focus(); }
  };
  addEventListener("hashchange", follow);
  const scheme = document.getElementById("scheme");
  const dark = () => document.documentElement.dataset.scheme === "dark" || (!document.documentElement.dataset.scheme && matchMedia("(prefers-color-scheme: dark)").matches);
  const label = () => { scheme.textContent = dark() ? "Light" : "Dark"; scheme.setAttribute("aria-pressed", String(dark())); };
  scheme.addEventListener("click", () => { document.documentElement.dataset.scheme = dark() ? "light" : "dark"; label(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  addEventListener("beforeprint", () => { for (const node of document.querySelectorAll("details.routine")) node.open = true; });
  label();
  refresh();
  follow();
})();
